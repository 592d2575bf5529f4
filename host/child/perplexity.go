package child

import "math"

// Perplexity is that of a language model whose loss is so many nats per token:
// the number of equally likely tokens that would be as hard to tell.
func Perplexity(loss float64) float64 { return math.Exp(loss) }

// BitsPerCharacter is a loss in nats per token in bits, where the tokens are
// characters.
func BitsPerCharacter(loss float64) float64 { return loss / math.Ln2 }
