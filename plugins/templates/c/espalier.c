// The kit, see espalier.h. It comes in four parts: memory, writing JSON, reading
// JSON, and the operations of the plugin interface.
#include "espalier.h"

#include <stdarg.h>
#include <stdint.h>

// --- Memory ---
//
// Memory is a stack that grows upwards: payloads of the host first, then all
// that a call allocates, up to its answer. It is cut back when the next payload
// or call comes, so that nothing is ever freed one by one.

static char *top; // where free memory begins

// round_up keeps what comes next aligned.
static size_t round_up(size_t size) { return (size + 7) & ~(size_t)7; }

#ifdef __wasm__

#define EXPORT(name) __attribute__((export_name(#name)))

extern char __heap_base; // the linker's name for the end of static data

static char *payloads_end = &__heap_base;

// reserve makes sure that size bytes from top on exist.
static bool reserve(size_t size) {
  const uint64_t page = 65536;
  uint64_t have = __builtin_wasm_memory_size(0) * page, need = (uint64_t)(uintptr_t)top + size;
  return need <= have || __builtin_wasm_memory_grow(0, (need - have + page - 1) / page) != (size_t)-1;
}

// The compiler calls these two for large copies; there is no C library.
void *memcpy(void *restrict to, const void *restrict from, size_t n) {
  for (size_t i = 0; i < n; i++) ((char *)to)[i] = ((const char *)from)[i];
  return to;
}

void *memset(void *to, int c, size_t n) {
  for (size_t i = 0; i < n; i++) ((char *)to)[i] = (char)c;
  return to;
}

EXPORT(esp_abi) uint32_t esp_abi(void) { return 1 << 16; }

EXPORT(esp_alloc) char *esp_alloc(size_t size) {
  top = payloads_end;
  if (!reserve(size)) return 0;
  payloads_end = top + round_up(size);
  return top;
}

EXPORT(esp_free) void esp_free(char *payload, size_t size) {
  if (payload + round_up(size) == payloads_end) payloads_end = payload;
}

static size_t answer_size;

EXPORT(esp_call) uint64_t esp_call(int op, const char *payload, size_t size) {
  top = payloads_end;
  const char *text = espalier_call(op, payload, size);
  return (uint64_t)(uintptr_t)text << 32 | answer_size;
}

#else // natively, for tests

static char memory[1 << 20];
static size_t answer_size;

static bool reserve(size_t size) {
  if (!top) top = memory;
  return size <= (size_t)(memory + sizeof memory - top);
}

#endif

void *allocate(size_t size) {
  size = round_up(size);
  if (!reserve(size)) __builtin_trap(); // out of memory
  char *start = top;
  for (size_t i = 0; i < size; i++) start[i] = 0;
  top += size;
  return start;
}

static size_t length(const char *s) {
  size_t n = 0;
  while (s[n]) n++;
  return n;
}

static bool equal(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

// --- Writing JSON ---

static char *out; // what is written so far
static size_t out_size, out_room;
static bool comma; // the next member or element needs one before it

static void raw(const char *s, size_t n) {
  if (out_size + n + 1 > out_room) {
    out_room = 2 * (out_size + n + 1);
    char *larger = allocate(out_room);
    for (size_t i = 0; i < out_size; i++) larger[i] = out[i];
    out = larger;
  }
  for (size_t i = 0; i < n; i++) out[out_size++] = s[i];
  out[out_size] = 0;
}

static void put(const char *s) { raw(s, length(s)); }

// separate begins a member or an element.
static void separate(void) {
  if (comma) put(",");
  comma = false;
}

static void begin(const char *bracket) {
  separate();
  put(bracket);
}

static void end(const char *bracket) {
  put(bracket);
  comma = true;
}

static void text(const char *s) {
  separate();
  put("\"");
  for (; *s; s++) {
    unsigned char c = (unsigned char)*s;
    if (c == '"' || c == '\\') put("\\");
    if (c < ' ') {
      const char *hex = "0123456789abcdef";
      raw((char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
    } else {
      raw(s, 1);
    }
  }
  end("\"");
}

static void key(const char *s) {
  text(s);
  put(":");
  comma = false;
}

static void digits(uint64_t v) {
  char list[20];
  int at = 20;
  do list[--at] = (char)('0' + v % 10);
  while (v /= 10);
  raw(list + at, (size_t)(20 - at));
}

// scale returns v * 10^exponent.
static double scale(double v, int exponent) {
  static const double powers[] = {1e1, 1e2, 1e4, 1e8, 1e16, 1e32, 1e64, 1e128, 1e256};
  int n = exponent < 0 ? -exponent : exponent;
  if (n > 700) n = 700;                                             // beyond any double
  for (; n > 256; n -= 256) v = exponent < 0 ? v / 1e256 : v * 1e256; // 10^n may be no double
  double by = 1;
  for (int i = 0; i < LENGTH(powers); i++)
    if (n >> i & 1) by *= powers[i];
  return exponent < 0 ? v / by : v * by;
}

// number writes integers below 2^53 exactly, other numbers with 15 digits, and
// what is not finite as null.
static void number(double v) {
  separate();
  if (v - v != 0) {
    put("null");
    comma = true;
    return;
  }
  if (v < 0) put("-");
  v = v < 0 ? -v : v;
  if (v < 9007199254740992.0 && v == (double)(uint64_t)v) {
    digits((uint64_t)v);
    comma = true;
    return;
  }
  int exponent = 0; // of the last of 15 digits
  while (scale(v, -exponent) >= 1e15) exponent++;
  while (scale(v, -exponent) < 1e14) exponent--;
  uint64_t d = (uint64_t)(scale(v, -exponent) + 0.5);
  for (; d % 10 == 0; d /= 10) exponent++;
  uint64_t one = 1; // 10^-exponent, where that has at most 19 digits
  for (int i = exponent; i < 0 && i > -20; i++) one *= 10;
  if (exponent > 0 || exponent <= -20) {
    digits(d), put(exponent < 0 ? "e-" : "e");
    digits((uint64_t)(exponent < 0 ? -exponent : exponent));
  } else if (exponent < 0) {
    digits(d / one), put(".");
    for (uint64_t rest = d % one; one > 1; rest %= one) one /= 10, digits(rest / one);
  } else {
    digits(d);
  }
  comma = true;
}

static void truth(bool v) {
  separate();
  put(v ? "true" : "false");
  comma = true;
}

static void put_text(const char *k, const char *v) { key(k), text(v); }
static void put_number(const char *k, double v) { key(k), number(v); }
static void put_truth(const char *k, bool v) { key(k), truth(v); }

char *print(const char *format, ...) {
  // The text is written where answers are, then cut off again.
  size_t start = out_size;
  va_list list;
  va_start(list, format);
  for (; *format; format++) {
    if (format[0] == '%' && format[1] == 's') {
      put(va_arg(list, const char *)), format++;
    } else if (format[0] == '%' && format[1] == 'd') {
      int v = va_arg(list, int);
      if (v < 0) put("-");
      digits((uint64_t)(v < 0 ? -(int64_t)v : v)), format++;
    } else {
      raw(format, 1);
    }
  }
  va_end(list);
  char *copy = allocate(out_size - start + 1);
  for (size_t i = start; i < out_size; i++) copy[i - start] = out[i];
  out_size = start;
  return copy;
}

// --- Reading JSON ---
//
// A reader goes through a text once, from its beginning to its end. After an
// error it reads no further, and every function returns something empty.

enum { MAX_DEPTH = 64 };

static const char *at, *stop; // what is left to read
static bool bad;
static int depth;

static char peek(void) {
  while (at < stop && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) at++;
  return bad || at == stop ? 0 : *at;
}

static bool take(char c) {
  if (peek() != c) return false;
  at++;
  return true;
}

// expect reads a word such as null.
static void expect(const char *word) {
  for (; *word; word++)
    if (at < stop && *at == *word) at++;
    else bad = true;
}

// enter reads an opening bracket.
static void enter(char bracket) {
  if (!take(bracket) || ++depth > MAX_DEPTH) bad = true;
}

// more says whether an element follows, and otherwise reads the closing bracket.
// first is true before the first element.
static bool more(bool *first, char bracket) {
  if (bad) return false;
  if (take(bracket)) {
    depth--;
    return false;
  }
  if (!*first && !take(',')) bad = true;
  *first = false;
  return !bad;
}

// hex reads four digits.
static unsigned hex(void) {
  unsigned v = 0;
  for (int i = 0; i < 4; i++) {
    char c = at < stop ? *at++ : 0;
    int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0) bad = true;
    v = v << 4 | (unsigned)(digit & 15);
  }
  return v;
}

// put_rune writes a code point in UTF-8.
static char *put_rune(char *to, unsigned r) {
  if (r < 0x80) {
    *to++ = (char)r;
  } else if (r < 0x800) {
    *to++ = (char)(0xc0 | r >> 6), *to++ = (char)(0x80 | (r & 63));
  } else if (r < 0x10000) {
    *to++ = (char)(0xe0 | r >> 12), *to++ = (char)(0x80 | (r >> 6 & 63)), *to++ = (char)(0x80 | (r & 63));
  } else {
    *to++ = (char)(0xf0 | r >> 18), *to++ = (char)(0x80 | (r >> 12 & 63)), *to++ = (char)(0x80 | (r >> 6 & 63));
    *to++ = (char)(0x80 | (r & 63));
  }
  return to;
}

// escape reads what follows a backslash.
static char *escape(char *to) {
  static const char *names = "\"\\/bfnrt", *meanings = "\"\\/\b\f\n\r\t";
  char c = at < stop ? *at++ : 0;
  if (c == 'u') {
    unsigned r = hex();
    if (r >= 0xd800 && r < 0xdc00 && stop - at >= 6 && at[0] == '\\' && at[1] == 'u') { // half of a pair
      at += 2;
      unsigned low = hex();
      r = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((r - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
    }
    return put_rune(to, r >= 0xd800 && r < 0xe000 ? 0xfffd : r);
  }
  for (int i = 0; names[i]; i++)
    if (c == names[i]) {
      *to++ = meanings[i];
      return to;
    }
  bad = true;
  return to;
}

static const char *read_text(void) {
  if (!take('"')) bad = true;
  if (bad) return "";
  size_t size = 0; // of the text as it is written, which is never the shorter one
  while (at + size < stop && at[size] != '"') size += at[size] == '\\' && at + size + 1 < stop ? 2 : 1;
  char *start = allocate(size + 1), *to = start;
  while (!bad && at < stop && *at != '"') {
    char c = *at++;
    if (c == '\\') to = escape(to);
    else if ((unsigned char)c < ' ') bad = true;
    else *to++ = c;
  }
  if (!take('"')) bad = true;
  return start;
}

static bool is_digit(void) { return at < stop && *at >= '0' && *at <= '9'; }

// read_number is exact for numbers of up to 15 digits without a large exponent,
// and else good to about 15 digits.
static double read_number(void) {
  char c = peek();
  bool negative = c == '-';
  if (negative) at++;
  uint64_t v = 0;
  int exponent = 0;
  if (bad || !is_digit()) bad = true;
  if (at + 1 < stop && *at == '0' && at[1] >= '0' && at[1] <= '9') bad = true; // no leading zeros
  for (bool fraction = false; !bad; at++) {
    if (at < stop && *at == '.' && !fraction) {
      fraction = true;
      if (at + 1 == stop || at[1] < '0' || at[1] > '9') bad = true;
    } else if (!is_digit()) {
      break;
    } else if (v < 900000000000000000u) {
      v = v * 10 + (uint64_t)(*at - '0');
      exponent -= fraction;
    } else {
      exponent += !fraction;
    }
  }
  if (!bad && at < stop && (*at == 'e' || *at == 'E')) {
    at++;
    bool down = at < stop && *at == '-';
    if (at < stop && (*at == '-' || *at == '+')) at++;
    if (!is_digit()) bad = true;
    int e = 0;
    for (; is_digit(); at++)
      if (e < 10000) e = e * 10 + (*at - '0');
    exponent += down ? -e : e;
  }
  double d = exponent ? scale((double)v, exponent) : (double)v;
  return bad ? 0 : negative ? -d : d;
}

static void skip(void) {
  bool first = true;
  switch (peek()) {
  case '{':
    for (enter('{'); more(&first, '}'); skip()) {
      read_text();
      if (!take(':')) bad = true;
    }
    break;
  case '[':
    for (enter('['); more(&first, ']');) skip();
    break;
  case '"': read_text(); break;
  case 't': expect("true"); break;
  case 'f': expect("false"); break;
  case 'n': expect("null"); break;
  default: read_number();
  }
}

// member reads the name of the next member of an object, up to its value. It
// passes over members that are null, since that means absent.
static const char *member(bool *first) {
  while (more(first, '}')) {
    const char *name = read_text();
    if (!take(':')) bad = true;
    if (peek() != 'n') return name;
    expect("null");
  }
  return 0;
}

// --- Operations ---

typedef struct {
  const char *space, *shaper;
  const char *params; // where they begin, or null
  int count;
  answer *answers;
  task task;
  metrics metrics;
} request;

// fault is why a call is refused; its code is null while there is none.
static struct {
  const char *code, *msg;
  int at;
} fault;

static void refuse(const char *code, const char *msg, int position) {
  if (!fault.code) fault.code = code, fault.msg = msg, fault.at = position;
}

// read_int is for what the host writes as an integer.
static int read_int(void) {
  double v = read_number();
  if (!(v >= -2147483648.0 && v <= 2147483647.0) || v != (double)(int)v) bad = true;
  return bad ? 0 : (int)v;
}

// read_ints reads an array of integers.
static const int *read_ints(int *count) {
  int room = 4, *list = allocate(sizeof(int) * 4);
  bool first = true;
  *count = 0;
  for (enter('['); more(&first, ']');) {
    if (*count == room) {
      int *larger = allocate(sizeof(int) * (size_t)(room *= 2));
      for (int i = 0; i < *count; i++) larger[i] = list[i];
      list = larger;
    }
    list[(*count)++] = read_int();
  }
  return list;
}

static void read_prefix(request *r) {
  int room = 0;
  bool first = true;
  for (enter('['); more(&first, ']'); r->count++) {
    if (r->count == room) {
      answer *larger = allocate(sizeof(answer) * (size_t)(room = 2 * room + 16));
      for (int i = 0; i < r->count; i++) larger[i] = r->answers[i];
      r->answers = larger;
    }
    answer *a = &r->answers[r->count];
    a->index = -1; // of a set
    if (peek() == '[') a->anchors = read_ints(&a->count);
    else a->index = read_int(), a->count = -1; // no set
    if (bad) break;
  }
  if (bad) refuse("bad_prefix", "an answer is an integer or an array of integers", r->count);
}

static void read_task(task *t) {
  bool first = true;
  const char *name;
  for (enter('{'); (name = member(&first));) {
    if (equal(name, "type")) t->type = read_text();
    else if (equal(name, "classes")) t->classes = read_int();
    else if (equal(name, "input")) {
      const int *shape = read_ints(&t->rank);
      if (t->rank > 3) bad = true;
      for (int i = 0; i < t->rank && !bad; i++) t->shape[i] = shape[i];
    } else skip();
  }
}

static epoch read_epoch(void) {
  double nan = __builtin_nan("");
  epoch e = {0, nan, nan, nan, nan};
  bool first = true;
  const char *name;
  for (enter('{'); (name = member(&first));) {
    if (equal(name, "epoch")) e.epoch = read_number();
    else if (equal(name, "train_loss")) e.train_loss = read_number();
    else if (equal(name, "train_accuracy")) e.train_accuracy = read_number();
    else if (equal(name, "valid_loss")) e.valid_loss = read_number();
    else if (equal(name, "valid_accuracy")) e.valid_accuracy = read_number();
    else skip();
  }
  return e;
}

static void read_metrics(metrics *m) {
  int room = 0;
  bool first = true;
  const char *name;
  epoch *epochs = 0;
  for (enter('{'); (name = member(&first));) {
    if (equal(name, "params")) m->params = read_number();
    else if (equal(name, "macs")) m->macs = read_number();
    else if (equal(name, "latency_seconds")) m->latency_seconds = read_number();
    else if (equal(name, "failed")) m->failed = peek() == 't', skip();
    else if (equal(name, "epochs")) {
      bool none = true;
      for (enter('['); more(&none, ']');) {
        if (m->count == room) {
          epoch *larger = allocate(sizeof(epoch) * (size_t)(room = 2 * room + 16));
          for (int i = 0; i < m->count; i++) larger[i] = epochs[i];
          epochs = larger;
        }
        epochs[m->count++] = read_epoch();
      }
    } else skip();
  }
  m->epochs = epochs;
}

static request read_request(const char *payload, size_t size) {
  request r = {0};
  at = payload, stop = payload + size, bad = false, depth = 0;
  bool first = true;
  const char *name;
  for (enter('{'); (name = member(&first));) {
    if (equal(name, "space")) r.space = read_text();
    else if (equal(name, "shaper")) r.shaper = read_text();
    else if (equal(name, "params")) peek(), r.params = at, skip();
    else if (equal(name, "prefix")) r.count = 0, read_prefix(&r);
    else if (equal(name, "task")) read_task(&r.task);
    else if (equal(name, "metrics")) r.metrics = (metrics){0}, read_metrics(&r.metrics);
    else skip();
  }
  if (peek() || bad) refuse("unsupported", "the payload is not a JSON object of this interface", -1);
  return r;
}

// read_params returns the values of the params: what is given, else defaults.
static const double *read_params(const request *r, const param *params, int count) {
  double *values = allocate(sizeof(double) * (size_t)count);
  for (int i = 0; i < count; i++) values[i] = params[i].value;
  if (!r->params) return values;
  at = r->params, depth = 0;
  bool first = true;
  const char *name;
  for (enter('{'); (name = member(&first));) {
    int i = 0;
    while (i < count && !equal(params[i].name, name)) i++;
    if (i == count) {
      refuse("bad_params", "a param is not known; the manifest lists those there are", -1);
      skip();
      continue;
    }
    const param *p = &params[i];
    double v = values[i] = read_number();
    if (!(v >= p->min && v <= p->max) || (p->integer && v != (double)(int64_t)v))
      refuse("bad_params", print("the param %s is out of range, or not an integer", p->name), -1);
  }
  if (bad) refuse("bad_params", "the params are an object of numbers", -1);
  return values;
}

static void put_params(const param *params, const double *values, int count) {
  key("params"), begin("{");
  for (int i = 0; i < count; i++) put_number(params[i].name, values[i]);
  end("}");
}

// Describing.

static void put_offer(const char *name, const char *summary, const char *task, const param *params, int count) {
  begin("{");
  put_text("name", name), put_text("summary", summary);
  if (task) put_text("task", task);
  key("params"), begin("[");
  for (int i = 0; i < count; i++) {
    const param *p = &params[i];
    begin("{");
    put_text("name", p->name), put_text("type", p->integer ? "int" : "float"), put_number("default", p->value);
    put_text("summary", p->summary), put_number("min", p->min), put_number("max", p->max);
    end("}");
  }
  end("]"), end("}");
}

static void describe_module(void) {
  begin("{"), key("manifest"), begin("{");
  put_text("abi", "1.0"), put_text("name", plugin.name), put_text("version", plugin.version), put_text("summary", plugin.summary);
  key("spaces"), begin("[");
  for (const space *s = plugin.spaces; s < plugin.spaces + plugin.space_count; s++)
    put_offer(s->name, s->summary, s->task, s->params, s->param_count);
  end("]"), key("shapers"), begin("[");
  for (const shaper *s = plugin.shapers; s < plugin.shapers + plugin.shaper_count; s++)
    put_offer(s->name, s->summary, 0, s->params, s->param_count);
  end("]"), end("}"), end("}");
}

static void describe_space(const space *s, const double *params) {
  static const char *const types[] = {"choice", "anchors", "pointer"};
  begin("{");
  put_text("name", s->name), put_text("version", plugin.version), put_text("task", s->task);
  put_number("max_steps", s->max_steps(params));
  key("kinds"), begin("[");
  for (const kind *k = s->kinds; k < s->kinds + s->kind_count; k++) {
    begin("{");
    put_text("id", k->id), put_text("type", types[k->type]);
    if (k->type == CHOICE) {
      key("options"), begin("[");
      for (int i = 0; i < k->count; i++) text(k->options[i]);
      end("]");
    }
    end("}");
  }
  end("]"), put_params(s->params, params, s->param_count), end("}");
}

static void describe_shaper(const shaper *s, const double *params) {
  begin("{");
  put_text("name", s->name), put_text("version", plugin.version), put_params(s->params, params, s->param_count);
  end("}");
}

// Walking.

static bool offered(const step *q, int anchor) {
  for (int i = 0; i < q->count; i++)
    if (q->offers[i] == anchor) return true;
  return false;
}

// fits says whether an answer is one to a step.
static bool fits(const space *s, const step *q, const answer *a) {
  const kind *k = &s->kinds[q->kind];
  bool set = a->count >= 0;
  switch (k->type) {
  case CHOICE: return !set && a->index >= 0 && a->index < k->count && (!q->mask || q->mask[a->index]);
  case POINTER: return !set && offered(q, a->index);
  case ANCHORS:
    for (int i = 0; i < a->count; i++)
      if (!offered(q, a->anchors[i]) || (i > 0 && a->anchors[i] <= a->anchors[i - 1])) return false;
    return set;
  }
  return false;
}

// follow checks every answer against the decision that it replies to, and
// returns the step after them.
static step follow(const space *s, const double *params, const request *r) {
  for (int i = 0;; i++) {
    step q = s->next(params, r->answers, i);
    if (i == r->count) return q;
    if (q.done) refuse("bad_prefix", "the episode is over before this answer", i);
    else if (!fits(s, &q, &r->answers[i])) refuse("bad_prefix", print("this is no answer to the decision %s", q.name), i);
    if (fault.code) return q;
  }
}

static void put_step(const space *s, const step *q) {
  begin("{");
  if (q->done) {
    put_truth("done", true), end("}");
    return;
  }
  const kind *k = &s->kinds[q->kind];
  key("decision"), begin("{");
  put_text("kind", k->id), put_text("name", q->name);
  if (q->anchor) put_truth("anchor", true);
  if (k->type != CHOICE) {
    key("anchors"), begin("[");
    for (int i = 0; i < q->count; i++) number(q->offers[i]);
    end("]");
  } else if (q->mask) {
    key("mask"), begin("[");
    for (int i = 0; i < k->count; i++) truth(q->mask[i]);
    end("]");
  }
  end("}");
  if (q->state) put_text("state", q->state);
  if (q->any) put_truth("any", true);
  end("}");
}

// Building.

static bool in_node;

static void end_node(void) {
  if (in_node) end("}");
  in_node = false;
}

void node(const char *name, const char *op, const char *const *inputs) {
  end_node();
  in_node = true;
  begin("{");
  put_text("name", name), put_text("op", op), key("inputs"), begin("[");
  for (; *inputs; inputs++) text(*inputs);
  end("]");
}

void attribute(const char *name, double value) { put_number(name, value); }
void attribute_text(const char *name, const char *value) { put_text(name, value); }
void attribute_flag(const char *name) { put_truth(name, true); }

void attribute_pair(const char *name, int height, int width) {
  key(name), begin("["), number(height), number(width), end("]");
}

void output(const char *name) {
  end_node();
  end("]");
  put_text("output", name);
}

static void build(const space *s, const double *params, const request *r) {
  const task *t = &r->task;
  step last = follow(s, params, r);
  if (!fault.code && !last.done) refuse("bad_prefix", "the episode is not over", r->count);
  if (!t->type || !equal(t->type, s->task) || t->rank != (equal(t->type, "image") ? 3 : 1))
    refuse("unsupported", print("the space %s is for tasks of type %s", s->name, s->task), -1);
  if (fault.code) return;
  begin("{"), key("network"), begin("{"), put_number("version", 1), key("task"), begin("{");
  put_text("type", t->type), key("input"), begin("[");
  for (int i = 0; i < t->rank; i++) number(t->shape[i]);
  end("]"), put_number("classes", t->classes), end("}"), key("nodes"), begin("[");
  const char *problem = s->build(params, r->answers, t);
  if (problem) refuse("unsupported", problem, -1);
  end("}"), end("}");
}

// Rewarding.

static struct {
  const char *name;
  double value;
} parts[16];
static int part_count;

void part(const char *name, double value) {
  if (part_count == LENGTH(parts)) __builtin_trap(); // more parts than there is room for
  parts[part_count].name = name, parts[part_count++].value = value;
}

static void reward(const shaper *s, const double *params, const metrics *m) {
  part_count = 0;
  double v = s->reward(params, m);
  begin("{"), put_number("reward", v), key("parts"), begin("{");
  for (int i = 0; i < part_count; i++) put_number(parts[i].name, parts[i].value);
  end("}"), end("}");
}

static const space *find_space(const char *name) {
  for (int i = 0; name && i < plugin.space_count; i++)
    if (equal(plugin.spaces[i].name, name)) return &plugin.spaces[i];
  refuse("unsupported", "there is no search space of that name", -1);
  return 0;
}

static const shaper *find_shaper(const char *name) {
  for (int i = 0; name && i < plugin.shaper_count; i++)
    if (equal(plugin.shapers[i].name, name)) return &plugin.shapers[i];
  refuse("unsupported", "there is no shaper of that name", -1);
  return 0;
}

enum { DESCRIBE = 1, NEXT, BUILD, REWARD };

// serve writes the answer to an operation.
static void serve(int op, const request *r) {
  if (op < DESCRIBE || op > REWARD) refuse("unsupported", "there is no such operation", -1);
  if (fault.code) return;
  if (op == DESCRIBE && !r->space && !r->shaper) {
    describe_module();
  } else if (op == REWARD || (op == DESCRIBE && !r->space)) {
    const shaper *s = find_shaper(r->shaper);
    const double *params = s ? read_params(r, s->params, s->param_count) : 0;
    if (fault.code) return;
    if (op == DESCRIBE) describe_shaper(s, params);
    else reward(s, params, &r->metrics);
  } else {
    const space *s = find_space(r->space);
    const double *params = s ? read_params(r, s->params, s->param_count) : 0;
    if (fault.code) return;
    if (op == DESCRIBE) {
      describe_space(s, params);
    } else if (op == NEXT) {
      step q = follow(s, params, r);
      if (!fault.code) put_step(s, &q);
    } else {
      build(s, params, r);
    }
  }
}

const char *espalier_call(int op, const char *payload, size_t size) {
#ifndef __wasm__
  top = memory;
#endif
  out = 0, out_size = out_room = 0, comma = false, in_node = false, fault.code = 0;
  raw("", 0);
  request r = read_request(payload, size);
  begin("{"), key("ok");
  serve(op, &r);
  if (fault.code) {
    out_size = 0, comma = false, in_node = false;
    begin("{"), key("err"), begin("{");
    put_text("code", fault.code), put_text("msg", fault.msg);
    if (fault.at >= 0) put_number("at", fault.at);
    end("}");
  }
  end("}");
  answer_size = out_size;
  return out;
}
