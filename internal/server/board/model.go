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

// once is Show that asks for each name once.
func (n Names) once(ctx context.Context) func(model string) (string, error) {
	shown := make(map[string]string)
	return func(model string) (string, error) {
		if name, known := shown[model]; known {
			return name, nil
		}
		name, err := n.Show(ctx, model)
		if err == nil {
			shown[model] = name
		}
		return name, err
	}
}

// Mask replaces the names in days that the public may not see.
func (n Names) Mask(ctx context.Context, days []usage.Day) error {
	show := n.once(ctx)
	for i := range days {
		var err error
		if days[i].Model, err = show(days[i].Model); err != nil {
			return err
		}
	}
	return nil
}

// Top returns the model that most tokens of each user's shares went to, by user. Of equals the first name wins.
func (n Names) Top(ctx context.Context, shares []store.Share) (map[int64]string, error) {
	show := n.once(ctx)
	sums := make(map[int64]map[string]int64)
	for _, s := range shares {
		name, err := show(s.Of)
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
