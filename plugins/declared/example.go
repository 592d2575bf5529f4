package declared

// The examples that stand for an empty document; examples/chain.json and
// examples/words.json hold the same.
const (
	exampleImage = `{
  "name": "chain",
  "summary": "A chain of convolutions; how many, is asked first.",
  "kinds": {
    "depth": [1, 2, 3, 4],
    "filters": [4, 8, 16],
    "kernel": [1, 3, 5],
    "stride": [1, 2]
  },
  "decisions": [
    "depth",
    {"repeat": "$depth", "as": "layer", "do": [
      "filters",
      "kernel",
      {"ask": "stride", "unless": {"kernel": 1}, "else": 1}
    ]}
  ],
  "network": [
    {"each": "layer", "do": [
      {"op": "conv", "filters": "$filters", "kernel": "$kernel", "stride": "$stride"}
    ]}
  ]
}
`
	exampleText = `{
  "name": "words",
  "summary": "Recurrent layers for a text.",
  "task": "text",
  "kinds": {
    "cell": ["rnn", "gru", "lstm"],
    "units": [16, 32, 64],
    "rate": [0, 0.2]
  },
  "decisions": ["cell", "units", "rate"],
  "network": [
    {"op": "embedding", "units": "$units"},
    {"op": "recurrent", "cell": "$cell", "units": "$units"},
    {"op": "dropout", "rate": "$rate"}
  ]
}
`
)
