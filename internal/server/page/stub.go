package page

func (v Board) sheet(Site) sheet         { return sheet{"stub", "Board", v} }
func (v Profile) sheet(Site) sheet       { return sheet{"stub", v.Handle, v} }
func (v DeviceCode) sheet(Site) sheet    { return sheet{"stub", "Connect a device", v} }
func (v DeviceCompare) sheet(Site) sheet { return sheet{"stub", "Is this your terminal?", v} }
func (v DeviceDone) sheet(Site) sheet    { return sheet{"stub", "Connected", v} }
func (v DeviceDenied) sheet(Site) sheet  { return sheet{"stub", "Turned away", v} }
func (v SignIn) sheet(Site) sheet        { return sheet{"stub", "Sign in", v} }
func (v SignInLink) sheet(Site) sheet    { return sheet{"stub", "Sign in", v} }
func (v SignInSpent) sheet(Site) sheet   { return sheet{"stub", "Link used", v} }
func (v SignedOut) sheet(Site) sheet     { return sheet{"stub", "Signed out", v} }
func (v Settings) sheet(Site) sheet      { return sheet{"stub", "Your place", v} }
func (v Connect) sheet(Site) sheet       { return sheet{"stub", "Connect", v} }
func (v NotFound) sheet(Site) sheet      { return sheet{"stub", "Not found", v} }
func (v Error) sheet(Site) sheet         { return sheet{"stub", "Something jammed", v} }
func (v Problem) sheet(Site) sheet       { return sheet{"stub", string(v.Code), v} }
