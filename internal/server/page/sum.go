package page

import "tokenflex.ing/internal/usage"

// Sum is tokens by kind and what they cost at list price. Its one total is Kinds.Total().
type Sum struct {
	Kinds    usage.Tokens
	Unpriced int64       // of the total, tokens whose model has no known price
	Cost     usage.Money // of the others
}

// SumOf adds days up.
func SumOf(days []usage.Day) Sum {
	var s Sum
	for _, d := range days {
		s = s.add(d)
	}
	return s
}

func (s Sum) add(d usage.Day) Sum {
	s.Kinds = s.Kinds.Add(d.Tokens)
	if d.Priced {
		s.Cost = s.Cost.Add(d.Cost)
	} else {
		s.Unpriced += d.Tokens.Total()
	}
	return s
}
