// Package baselines has published networks as a plugin, to be trained beside
// what a search finds, on the same data and by the same recipe. Its spaces,
// images and text, ask one question: which network. The param network names
// those to choose from, each by its family and its sizes, such as resnet-110 or
// densenet-bc-190-40; with one name, a space is a single network.
//
//	nin-WIDTH                Network in Network (Lin et al. 2014); published: 192
//	allcnn-WIDTH             All-CNN-C (Springenberg et al. 2015); published: 96
//	resnet-DEPTH             residual, 6n+2 layers (He et al. 2016a)
//	preresnet-DEPTH          pre-activation residual with bottlenecks, 9n+2
//	                         layers (He et al. 2016b)
//	wideresnet-DEPTH-WIDTH   wide residual, 6n+4 layers, WIDTH times as wide
//	                         (Zagoruyko & Komodakis 2016)
//	densenet-DEPTH-GROWTH    densely connected, 3n+4 layers (Huang et al. 2017)
//	densenet-bc-DEPTH-GROWTH with bottlenecks and compression, 6n+4 layers
//	highway-DEPTH-WIDTH      convolutional highway networks, 3n+4 layers
//	                         (Srivastava et al. 2015)
//	fractalnet-COLUMNS-WIDTH fractal networks of 5 blocks, whose deepest column
//	                         has 2^(COLUMNS-1) layers (Larsson et al. 2017)
//
//	lstm-WIDTH         two layers of LSTM (Zaremba et al. 2014); published: 200,
//	                   650 and 1500
//	variational-WIDTH  with masks that stay (Gal & Ghahramani 2016); 650 and 1500
//	tied-WIDTH         and one table of words (Inan et al. 2017); 1500
//	rhn-DEPTH-WIDTH    recurrent highway networks (Zilly et al. 2017); 10 and 830
//
// # How they are counted
//
// The numbers of parameters are the published ones to all printed digits. They
// are the weights and biases, and two for each channel of a batch normalization;
// convolutions that are followed by one have no bias. Multiply-accumulates are
// those of convolutions and the dense layer, for an image of 32 by 32. Two
// numbers that are often quoted are misprints: 10.2 million parameters belong to
// the pre-activation network of 1,001 layers, ResNet-1202 has 19.4 million; and
// 25.6 million belong to the DenseNet-BC of 190 layers and growth 40. For the
// fractal network of 20 layers whose widest block has 512 filters, tables of
// others have 38.6 million; the five blocks that its paper describes have 33.7.
//
// # Where they differ from what was published
//
// A window of stride 2 is padded at the bottom and the right, as everywhere in
// package spec; the originals pad all around. No number depends on it.
//
// Shortcuts are those of the papers: without parameters in resnet (He et al.
// 2016a, option A), a 1 by 1 convolution in preresnet and wideresnet. The stride
// of preresnet is in the first convolution of a block, which gives the published
// number of multiply-accumulates.
//
// The highway paper does not print the widths of its layers. Here the stages have
// 48, 80 and 128 filters at 19 layers, those of the thin deep networks that it
// compares with, and 2.4 million parameters for the paper's 2.3. Its gates begin
// nearly closed, by a negative bias; here biases begin at 0, half open, which 19
// layers bear and 100 may not.
//
// Drop-path is the local kind: each join leaves out inputs on its own, for every
// image apart. The paper lets half of the batches take a single column through
// the whole network instead, which no operation of package spec can say.
//
// The variational language models drop embeddings by number, not whole words, and
// have one mask for all gates of a layer. Their rates are those of the published
// program for the large network, at every width.
//
// nin, allcnn and highway have no batch normalization, as published; they want a
// learning rate of about a tenth of what the others bear, or the param batchnorm.
//
// # Why are blocks lines of text?
//
// A function call that adds a node takes a hundred bytes of WebAssembly, a word
// takes ten, and a guest stays under two megabytes. It is also the shorter way to
// say what a block is.
package baselines
