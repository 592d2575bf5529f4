// The kit: what plugin.c needs to be a plugin of Espalier. It holds the plugin
// interface, ABI 1, and JSON in both directions, so that plugin.c holds search
// spaces and reward shapers only. It is yours to change.
#ifndef ESPALIER_H
#define ESPALIER_H

#include <stdbool.h>
#include <stddef.h>

// LENGTH is the number of elements of an array.
#define LENGTH(array) ((int)(sizeof(array) / sizeof((array)[0])))

// A param is a number that users may set, such as {"layers": 5}. A space or
// shaper gets the values of its params as an array in the order of declaration.
typedef struct {
  const char *name, *summary;
  bool integer;
  double value, min, max; // value: the default; min and max are inclusive
} param;

// How a decision is answered.
typedef enum {
  CHOICE,  // by one of the options of its kind
  ANCHORS, // by any subset of the anchor points that it offers
  POINTER, // by exactly one of them
} kind_type;

// A kind is a family of decisions that share what the controller learns.
typedef struct {
  const char *id;
  kind_type type;
  int count;                  // of options; CHOICE only
  const char *const *options; // labels, shown to people
} kind;

// An answer to one decision.
typedef struct {
  int index;          // CHOICE: the option; POINTER: the anchor point
  int count;          // ANCHORS: how many are picked; else -1
  const int *anchors; // ANCHORS: which, ascending
} answer;

// A step is the next decision of an episode, or its end.
typedef struct {
  bool done;         // the episode is over; all else is empty then
  int kind;          // position in the kinds of the space
  const char *name;  // unique within the episode
  bool anchor;       // announces this step as the next anchor point, counted from 0
  int count;         // ANCHORS, POINTER: how many earlier anchor points it offers
  const int *offers; // ANCHORS, POINTER: which, ascending
  const bool *mask;  // CHOICE: one for each option, false forbids it; null: all are allowed
  const char *state; // promises that equal states are followed by equal steps; null: no promise
  bool any;          // promises that the step after this one is the same for every answer
} step;

// What a network is to be built for.
typedef struct {
  const char *type; // "image" or "text"
  int rank;         // length of shape
  int shape[3];     // of one example: height, width, channels; or steps
  int classes;
} task;

// A space is a set of networks, described by the questions that lead to one.
typedef struct {
  const char *name, *summary, *task; // task: the type that it builds for
  int param_count;
  const param *params;
  int kind_count;
  const kind *kinds;
  // max_steps is the most decisions that an episode can have.
  int (*max_steps)(const double *params);
  // next asks what follows the first count answers. The kit has checked them
  // against the decisions that they reply to.
  step (*next)(const double *params, const answer *answers, int count);
  // build describes the network that the answers of a whole episode stand for,
  // with the functions below. It returns null, or why it cannot.
  const char *(*build)(const double *params, const answer *answers, const task *task);
} space;

// What was measured after one epoch of training. Accuracies are fractions,
// losses are in nats; what was not measured is NaN.
typedef struct {
  double epoch, train_loss, train_accuracy, valid_loss, valid_accuracy;
} epoch;

// What was measured of a trial.
typedef struct {
  int count;
  const epoch *epochs;
  double params, macs;    // learned numbers; multiply-accumulates of one example
  double latency_seconds; // of one example; 0: not measured
  bool failed;
} metrics;

// A shaper turns what was measured of a trial into a reward, which is finite.
typedef struct {
  const char *name, *summary;
  int param_count;
  const param *params;
  double (*reward)(const double *params, const metrics *m);
} shaper;

// The plugin; plugin.c defines it.
typedef struct {
  const char *name, *version, *summary;
  int space_count;
  const space *spaces;
  int shaper_count;
  const shaper *shapers;
} module;

extern const module plugin;

// To be called by build: node begins a node of the network, whose inputs end
// with a null; the attributes that follow are the node's. Ops and attributes are
// those of Espalier's network format.
void node(const char *name, const char *op, const char *const *inputs);
void attribute(const char *key, double value);                 // such as "filters"
void attribute_pair(const char *key, int height, int width);   // such as "kernel"
void attribute_text(const char *key, const char *value);       // such as "func"
void attribute_flag(const char *key);                          // such as "bias"
void output(const char *name);                                 // the node that yields the logits

// To be called by reward: part explains the reward to people.
void part(const char *name, double value);

// print returns text with every %d replaced by an int and every %s by a string,
// in their order. allocate returns memory, filled with zeros. Both last until
// the call is answered.
char *print(const char *format, ...);
void *allocate(size_t size);

// espalier_call answers an operation of the plugin interface, which tests may
// call. The answer ends with a zero.
const char *espalier_call(int op, const char *payload, size_t size);

#endif
