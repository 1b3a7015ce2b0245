// Package page draws the site: a view struct says what is on a page, Render writes its HTML.
//
// Views hold numbers and validated names and never words made from them: how a count, an amount of money, a date or a chart
// looks is decided here. The package reads no store, clock or environment and knows no session; it prints what it is given,
// so a handler must leave out what its reader may not see.
//
// Every page works without script. None has a style attribute, an inline style or script, or an address on another origin;
// Policy is the content security policy they are made for.
package page
