// Tests of plugin.c, as a program that runs on this machine: each sends what a
// host would send, and compares the answer.
#include "espalier.h"

#include <stdio.h>
#include <string.h>

static int failures;

// expect compares the answer to an operation (1 describe, 2 next, 3 build,
// 4 reward). An expectation that ends with * may go on.
static void expect(int op, const char *payload, const char *want) {
  const char *got = espalier_call(op, payload, strlen(payload));
  const char *star = strchr(want, '*');
  if (star ? strncmp(got, want, (size_t)(star - want)) : strcmp(got, want)) {
    printf("%d %s\n  got  %s\n  want %s\n", op, payload, got, want);
    failures++;
  }
}

// next asks what follows a prefix in the space of three layers.
static void next(const char *prefix, const char *want) {
  char payload[256];
  snprintf(payload, sizeof payload, "{\"space\":\"stack\",\"params\":{\"layers\":3},\"prefix\":%s}", prefix);
  expect(2, payload, want);
}

static void test_next(void) {
  next("[]", "{\"ok\":{\"decision\":{\"kind\":\"filters\",\"name\":\"layer1/filters\"},\"state\":\"0\",\"any\":true}}");
  next("[2]", "{\"ok\":{\"decision\":{\"kind\":\"kernel\",\"name\":\"layer1/kernel\"},\"state\":\"1\",\"any\":true}}");
  next("[2,0]", "{\"ok\":{\"decision\":{\"kind\":\"reads\",\"name\":\"layer1/reads\",\"anchor\":true,\"anchors\":[]},\"state\":\"2\",\"any\":true}}");
  next("[0,0,[],0,0,[],0,0]",
       "{\"ok\":{\"decision\":{\"kind\":\"reads\",\"name\":\"layer3/reads\",\"anchor\":true,\"anchors\":[0]},\"state\":\"8\",\"any\":true}}");
  next("[0,0,[],0,0,[],0,0,[0]]", "{\"ok\":{\"done\":true}}");
}

static void test_wrong_answers(void) {
  next("[3]", "{\"err\":{\"code\":\"bad_prefix\",\"msg\":\"*");
  next("[0,[]]", "{\"err\":{\"code\":\"bad_prefix\",\"msg\":\"*");
  next("[0,0,[0]]", "{\"err\":{\"code\":\"bad_prefix\",\"msg\":\"*");
  next("[0,0,[],0,0,[],0,0,[0],0]", "{\"err\":{\"code\":\"bad_prefix\",\"msg\":\"*");
  expect(2, "{\"space\":\"stack\",\"params\":{\"layers\":0}}", "{\"err\":{\"code\":\"bad_params\",\"msg\":\"*");
  expect(2, "{\"space\":\"stick\"}", "{\"err\":{\"code\":\"unsupported\",\"msg\":\"*");
  expect(3, "{\"space\":\"stack\",\"prefix\":[0,0],\"task\":{\"type\":\"image\"}}", "{\"err\":{\"code\":\"bad_prefix\",\"msg\":\"*");
}

static void test_build(void) {
  expect(3,
         "{\"space\":\"stack\",\"params\":{\"layers\":3},\"prefix\":[0,1,[],1,0,[],2,2,[0]],"
         "\"task\":{\"type\":\"image\",\"input\":[16,16,3],\"classes\":10}}",
         "{\"ok\":{\"network\":{\"version\":1,\"task\":{\"type\":\"image\",\"input\":[16,16,3],\"classes\":10},\"nodes\":["
         "{\"name\":\"layer1/conv\",\"op\":\"conv2d\",\"inputs\":[\"input\"],\"filters\":4,\"kernel\":[3,3],\"stride\":[2,2]},"
         "{\"name\":\"layer1/norm\",\"op\":\"batchnorm\",\"inputs\":[\"layer1/conv\"]},"
         "{\"name\":\"layer1/relu\",\"op\":\"activation\",\"inputs\":[\"layer1/norm\"],\"func\":\"relu\"},"
         "{\"name\":\"layer2/conv\",\"op\":\"conv2d\",\"inputs\":[\"layer1/relu\"],\"filters\":8,\"kernel\":[1,1]},"
         "{\"name\":\"layer2/norm\",\"op\":\"batchnorm\",\"inputs\":[\"layer2/conv\"]},"
         "{\"name\":\"layer2/relu\",\"op\":\"activation\",\"inputs\":[\"layer2/norm\"],\"func\":\"relu\"},"
         "{\"name\":\"layer3/join\",\"op\":\"concat\",\"inputs\":[\"layer2/relu\",\"layer1/relu\"]},"
         "{\"name\":\"layer3/conv\",\"op\":\"conv2d\",\"inputs\":[\"layer3/join\"],\"filters\":16,\"kernel\":[5,5]},"
         "{\"name\":\"layer3/norm\",\"op\":\"batchnorm\",\"inputs\":[\"layer3/conv\"]},"
         "{\"name\":\"layer3/relu\",\"op\":\"activation\",\"inputs\":[\"layer3/norm\"],\"func\":\"relu\"},"
         "{\"name\":\"pool\",\"op\":\"global_avgpool\",\"inputs\":[\"layer3/relu\"]},"
         "{\"name\":\"logits\",\"op\":\"dense\",\"inputs\":[\"pool\"],\"units\":10,\"bias\":true}],\"output\":\"logits\"}}}");
}

static void test_reward(void) {
  expect(4,
         "{\"shaper\":\"thrifty\",\"params\":{\"half_at\":1000},\"metrics\":{\"epochs\":[{\"epoch\":1,\"valid_accuracy\":0.5},"
         "{\"epoch\":2},{\"epoch\":3,\"valid_accuracy\":2.5e-1}],\"params\":1000}}",
         "{\"ok\":{\"reward\":0.25,\"parts\":{\"accuracy\":0.5,\"thrift\":0.5}}}");
  expect(4, "{\"shaper\":\"thrifty\",\"metrics\":{\"epochs\":[{\"valid_accuracy\":0.5}],\"failed\":true}}",
         "{\"ok\":{\"reward\":0,\"parts\":{\"accuracy\":0,\"thrift\":1}}}");
}

int main(void) {
  test_next();
  test_wrong_answers();
  test_build();
  test_reward();
  if (!failures) puts("ok");
  return failures > 0;
}
