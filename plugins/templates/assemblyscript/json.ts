// JSON values: reading and writing.

export const enum Type { Null, Bool, Number, Text, List, Object }

export class Json {
  type: Type = Type.Null;
  truth: bool = false;
  value: f64 = 0;
  content: string = "";
  items: Json[] = [];   // of a list or an object
  names: string[] = []; // of an object: one for each item

  static bool(v: bool): Json { const j = new Json(); j.type = Type.Bool; j.truth = v; return j; }
  static number(v: f64): Json { const j = new Json(); j.type = Type.Number; j.value = v; return j; }
  static text(v: string): Json { const j = new Json(); j.type = Type.Text; j.content = v; return j; }
  static list(): Json { const j = new Json(); j.type = Type.List; return j; }
  static object(): Json { const j = new Json(); j.type = Type.Object; return j; }

  static numbers(values: i32[]): Json {
    const j = Json.list();
    for (let i = 0; i < values.length; i++) j.add(Json.number(values[i]));
    return j;
  }

  static texts(values: string[]): Json {
    const j = Json.list();
    for (let i = 0; i < values.length; i++) j.add(Json.text(values[i]));
    return j;
  }

  // add appends to a list.
  add(item: Json): Json { this.items.push(item); return this; }

  // set appends a member to an object.
  set(name: string, item: Json): Json { this.names.push(name); this.items.push(item); return this; }

  // get returns a member of an object, or null.
  get(name: string): Json {
    const i = this.names.lastIndexOf(name);
    return i < 0 ? new Json() : this.items[i];
  }

  // or returns the number, or another value if this is none.
  or(other: f64): f64 { return this.type == Type.Number ? this.value : other; }

  // isInt says whether this is a whole number that an i32 can hold.
  isInt(): bool {
    return this.type == Type.Number && this.value == Math.floor(this.value) && Math.abs(this.value) < 2147483648.0;
  }

  // ints returns a list of integers, or null if this is none.
  ints(): i32[] | null {
    if (this.type != Type.List) return null;
    const list: i32[] = [];
    for (let i = 0; i < this.items.length; i++) {
      if (!this.items[i].isInt()) return null;
      list.push(this.items[i].value as i32);
    }
    return list;
  }

  // toString writes JSON without spaces; a number that is not finite is null.
  toString(): string {
    const parts: string[] = [];
    this.write(parts);
    return parts.join("");
  }

  write(to: string[]): void {
    switch (this.type) {
      case Type.Bool: to.push(this.truth ? "true" : "false"); break;
      case Type.Number: to.push(writeNumber(this.value)); break;
      case Type.Text: writeText(to, this.content); break;
      case Type.List:
      case Type.Object: {
        const object = this.type == Type.Object;
        to.push(object ? "{" : "[");
        for (let i = 0; i < this.items.length; i++) {
          if (i > 0) to.push(",");
          if (object) {
            writeText(to, this.names[i]);
            to.push(":");
          }
          this.items[i].write(to);
        }
        to.push(object ? "}" : "]");
        break;
      }
      default: to.push("null");
    }
  }
}

function writeNumber(v: f64): string {
  if (!isFinite(v)) return "null";
  if (v == Math.floor(v) && Math.abs(v) < 9007199254740992.0) return (v as i64).toString(); // else it would end in .0
  return v.toString();
}

function writeText(to: string[], s: string): void {
  to.push("\"");
  let plain = 0; // where what is not yet written begins
  for (let i = 0; i < s.length; i++) {
    const c = s.charCodeAt(i);
    if (c >= 0x20 && c != 0x22 && c != 0x5c) continue;
    to.push(s.substring(plain, i));
    to.push(c < 0x20 ? "\\u" + c.toString(16).padStart(4, "0") : "\\" + String.fromCharCode(c));
    plain = i + 1;
  }
  to.push(s.substring(plain));
  to.push("\"");
}

// Deeper values are refused, so that no input overflows the stack.
const MAX_DEPTH: i32 = 64;

// parse reads a value, or returns null if the text is none.
export function parse(text: string): Json | null {
  const r = new Reader(text);
  const v = r.any(0);
  return r.peek() >= 0 || r.bad ? null : v;
}

class Reader {
  at: i32 = 0;
  bad: bool = false; // after an error nothing more is read

  constructor(private text: string) {}

  // code returns the code unit at the reader, -1 at the end and after an error.
  code(): i32 { return this.bad || this.at >= this.text.length ? -1 : this.text.charCodeAt(this.at); }

  // peek is code after spaces.
  peek(): i32 {
    let c = this.code();
    while (c == 0x20 || c == 0x09 || c == 0x0a || c == 0x0d) {
      this.at++;
      c = this.code();
    }
    return c;
  }

  fail(): Json { this.bad = true; return new Json(); }

  take(word: string): bool {
    this.peek();
    if (this.bad || !this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  expect(word: string, v: Json): Json { return this.take(word) ? v : this.fail(); }

  any(depth: i32): Json {
    if (depth > MAX_DEPTH) return this.fail();
    switch (this.peek()) {
      case 0x7b: return this.items(Json.object(), "{", "}", depth);
      case 0x5b: return this.items(Json.list(), "[", "]", depth);
      case 0x22: return Json.text(this.string());
      case 0x74: return this.expect("true", Json.bool(true));
      case 0x66: return this.expect("false", Json.bool(false));
      case 0x6e: return this.expect("null", new Json());
    }
    return this.number();
  }

  // items reads what stands between two brackets.
  items(into: Json, open: string, close: string, depth: i32): Json {
    this.take(open);
    if (this.take(close)) return into;
    do {
      if (into.type == Type.Object) {
        if (this.peek() != 0x22) return this.fail();
        into.names.push(this.string());
        if (!this.take(":")) return this.fail();
      }
      into.items.push(this.any(depth + 1));
    } while (this.take(","));
    return this.expect(close, into);
  }

  digits(): i32 {
    const start = this.at;
    while (this.code() >= 0x30 && this.code() <= 0x39) this.at++;
    if (this.at == start) this.bad = true;
    return this.at - start;
  }

  number(): Json {
    const start = this.at;
    if (this.code() == 0x2d) this.at++;
    const zero = this.code() == 0x30;
    if (this.digits() > 1 && zero) return this.fail(); // a leading zero
    if (this.code() == 0x2e) {
      this.at++;
      this.digits();
    }
    if (this.code() == 0x65 || this.code() == 0x45) {
      this.at++;
      if (this.code() == 0x2b || this.code() == 0x2d) this.at++;
      this.digits();
    }
    return this.bad ? new Json() : Json.number(parseFloat(this.text.substring(start, this.at)));
  }

  string(): string {
    const parts: string[] = [];
    this.at++; // the quote
    let plain = this.at;
    while (!this.bad) {
      const c = this.code();
      if (c < 0x20) { // or the end
        this.bad = true;
        break;
      }
      if (c == 0x22 || c == 0x5c) {
        parts.push(this.text.substring(plain, this.at));
        this.at++;
        if (c == 0x22) break;
        parts.push(this.escape());
        plain = this.at;
      } else {
        this.at++;
      }
    }
    return parts.join("");
  }

  // escape reads what follows a backslash. Of a surrogate pair it reads one half;
  // the other follows as an escape of its own.
  escape(): string {
    const c = this.code();
    this.at++;
    switch (c) {
      case 0x22: case 0x5c: case 0x2f: return String.fromCharCode(c);
      case 0x62: return "\b";
      case 0x66: return "\f";
      case 0x6e: return "\n";
      case 0x72: return "\r";
      case 0x74: return "\t";
      case 0x75: {
        let v = 0;
        for (let i = 0; i < 4; i++, this.at++) {
          const d = this.code() | 0x20; // lower case
          if (d >= 0x30 && d <= 0x39) v = v * 16 + d - 0x30;
          else if (d >= 0x61 && d <= 0x66) v = v * 16 + d - 0x61 + 10;
          else this.bad = true;
        }
        return String.fromCharCode(v);
      }
    }
    this.bad = true;
    return "";
  }
}
