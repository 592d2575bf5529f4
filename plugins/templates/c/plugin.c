// A plugin of Espalier: a search space, from which a search proposes networks,
// and a reward shaper, which says how good a trained one is. README.md says how
// to build, test and use it; espalier.h explains the types.
#include "espalier.h"

// The search space "stack": convolutions, each of which reads the one before and
// any of the earlier ones.

enum { MAX_LAYERS = 16 };

// What a layer can be. An answer is the position of an option.
static const int filters[] = {4, 8, 16}, kernels[] = {1, 3, 5};
static const char *const filter_labels[] = {"4", "8", "16"}, *const kernel_labels[] = {"1", "3", "5"};

// The kinds of decision, in the order in which a layer asks them. Decisions of
// one kind share what the controller learns, so a kind has the same options
// wherever it is asked.
enum { FILTERS, KERNEL, READS, KINDS };

static const kind kinds[KINDS] = {
  [FILTERS] = {.id = "filters", .type = CHOICE, .options = filter_labels, .count = LENGTH(filter_labels)},
  [KERNEL] = {.id = "kernel", .type = CHOICE, .options = kernel_labels, .count = LENGTH(kernel_labels)},
  [READS] = {.id = "reads", .type = ANCHORS},
};

static const param stack_params[] = {
  {.name = "layers", .summary = "convolutions", .integer = true, .value = 3, .min = 1, .max = MAX_LAYERS},
};

static int stack_max_steps(const double *params) { return (int)params[0] * KINDS; }

// stack_next asks the question that follows count answers, or ends the episode.
static step stack_next(const double *params, const answer *answers, int count) {
  (void)answers; // what is asked depends on the position alone
  if (count == stack_max_steps(params)) return (step){.done = true};
  int layer = count / KINDS;
  step q = {.kind = count % KINDS};
  q.name = print("layer%d/%s", layer + 1, kinds[q.kind].id);
  if (q.kind == READS) {
    q.anchor = true; // this layer is the next anchor point, so that later layers can pick it
    int *earlier = allocate(sizeof(int) * MAX_LAYERS);
    for (q.count = 0; q.count < layer - 1; q.count++) earlier[q.count] = q.count;
    q.offers = earlier;
  }
  // Two promises that let the host save calls: what follows depends on the
  // position alone, and not on the answer to this question.
  q.state = print("%d", count);
  q.any = true;
  return q;
}

// stack_build turns answers into a network. Every layer is a convolution, batch
// normalization and ReLU; the first halves the image.
static const char *stack_build(const double *params, const answer *answers, const task *task) {
  const char *last = "input"; // what the next layer reads
  for (int layer = 0; layer < (int)params[0]; layer++) {
    const answer *picked = answers + layer * KINDS, *reads = &picked[READS];
    const char *conv = print("layer%d/conv", layer + 1), *norm = print("layer%d/norm", layer + 1);
    if (reads->count > 0) {
      const char *join = print("layer%d/join", layer + 1), *inputs[MAX_LAYERS + 1] = {last};
      for (int i = 0; i < reads->count; i++) inputs[i + 1] = print("layer%d/relu", reads->anchors[i] + 1);
      node(join, "concat", inputs);
      last = join;
    }
    int size = kernels[picked[KERNEL].index];
    node(conv, "conv2d", (const char *[]){last, 0});
    attribute("filters", filters[picked[FILTERS].index]);
    attribute_pair("kernel", size, size);
    if (layer == 0) attribute_pair("stride", 2, 2);
    node(norm, "batchnorm", (const char *[]){conv, 0});
    last = print("layer%d/relu", layer + 1);
    node(last, "activation", (const char *[]){norm, 0});
    attribute_text("func", "relu");
  }
  node("pool", "global_avgpool", (const char *[]){last, 0});
  node("logits", "dense", (const char *[]){"pool", 0});
  attribute("units", task->classes);
  attribute_flag("bias");
  output("logits");
  return 0;
}

static const space spaces[] = {{
  .name = "stack",
  .summary = "Convolutions, each of which reads the one before and any of the earlier ones.",
  .task = "image",
  .params = stack_params,
  .param_count = LENGTH(stack_params),
  .kinds = kinds,
  .kind_count = KINDS,
  .max_steps = stack_max_steps,
  .next = stack_next,
  .build = stack_build,
}};

// The reward shaper "thrifty": accuracy * half_at / (half_at + params), where
// accuracy is the best that was measured on validation images. It is 0 for a
// trial that failed.

static const param thrifty_params[] = {
  {.name = "half_at", .summary = "learned numbers that halve the reward", .integer = true, .value = 100000, .min = 1, .max = 1e9},
};

static double thrifty(const double *params, const metrics *m) {
  double accuracy = 0, half_at = params[0];
  for (int i = 0; i < m->count && !m->failed; i++)
    if (m->epochs[i].valid_accuracy > accuracy) // never true for NaN, which stands for "not measured"
      accuracy = m->epochs[i].valid_accuracy;
  double thrift = half_at / (half_at + m->params);
  part("accuracy", accuracy);
  part("thrift", thrift);
  return accuracy * thrift;
}

static const shaper shapers[] = {{
  .name = "thrifty",
  .summary = "Best validation accuracy, reduced for networks with many parameters.",
  .params = thrifty_params,
  .param_count = LENGTH(thrifty_params),
  .reward = thrifty,
}};

// All that the plugin offers. A space or shaper is picked by name, as in
// --space ./sapling.wasm:stack, and its params are set by --params '{"layers": 5}'.
const module plugin = {
  .name = "sapling",
  .version = "0.1.0",
  .summary = "A plugin to start from.",
  .spaces = spaces,
  .space_count = LENGTH(spaces),
  .shapers = shapers,
  .shaper_count = LENGTH(shapers),
};
