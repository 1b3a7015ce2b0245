package board

import (
	"cmp"
	"context"
	"slices"

	"tokenflex.ing/internal/server/store"
	"tokenflex.ing/internal/usage"
)

// Other stands for every model whose name is not shown.
const Other = "other"

// MinUsers is how many accounts must have used a model that no price book knows before its name is shown:
// the name of a model that one company trained says who works there.
const MinUsers = 5

// Names decides which model names the public may see.
type Names struct {
	Store store.Boards
	Knows func(model string) bool // whether the price book has it
}

// Show returns the name, or Other.
func (n Names) Show(ctx context.Context, model string) (string, error) {
	if n.Knows(model) {
		return model, nil
	}
	users, err := n.Store.ModelUsers(ctx, model, MinUsers)
	if err != nil || users < MinUsers {
		return Other, err
	}
	return model, nil
}

// Mask replaces the names in days that the public may not see.
func (n Names) Mask(ctx context.Context, days []usage.Day) error {
	shown := make(map[string]string)
	for i := range days {
		m := days[i].Model
		name, known := shown[m]
		if !known {
			var err error
			if name, err = n.Show(ctx, m); err != nil {
				return err
			}
			shown[m] = name
		}
		days[i].Model = name
	}
	return nil
}

// Top returns the model that most tokens of each user's shares went to, by user. Of equals the first name wins.
func (n Names) Top(ctx context.Context, shares []store.Share) (map[int64]string, error) {
	sums := make(map[int64]map[string]int64)
	for _, s := range shares {
		name, err := n.Show(ctx, s.Of)
		if err != nil {
			return nil, err
		}
		if sums[s.User] == nil {
			sums[s.User] = make(map[string]int64)
		}
		sums[s.User][name] += s.Tokens
	}
	top := make(map[int64]string, len(sums))
	for user, models := range sums {
		top[user] = slices.MaxFunc(sortedNames(models), func(a, b string) int { return cmp.Compare(models[a], models[b]) })
	}
	return top, nil
}

func sortedNames(models map[string]int64) []string {
	names := make([]string, 0, len(models))
	for name := range models {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
