//! JSON values: reading and writing.

use std::fmt;

#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Makes an object of members.
pub fn object<'a>(members: impl IntoIterator<Item = (&'a str, Json)>) -> Json {
    Json::Object(members.into_iter().map(|(name, value)| (name.to_string(), value)).collect())
}

impl From<bool> for Json {
    fn from(v: bool) -> Json {
        Json::Bool(v)
    }
}

impl From<f64> for Json {
    fn from(v: f64) -> Json {
        Json::Number(v)
    }
}

impl From<usize> for Json {
    fn from(v: usize) -> Json {
        Json::Number(v as f64)
    }
}

impl From<&str> for Json {
    fn from(v: &str) -> Json {
        Json::Text(v.to_string())
    }
}

impl From<String> for Json {
    fn from(v: String) -> Json {
        Json::Text(v)
    }
}

impl FromIterator<Json> for Json {
    fn from_iter<I: IntoIterator<Item = Json>>(list: I) -> Json {
        Json::List(list.into_iter().collect())
    }
}

/// Deeper values are refused, so that no input overflows the stack.
const MAX_DEPTH: usize = 64;

impl Json {
    /// Reads a value; nothing but spaces may follow it.
    pub fn parse(text: &[u8]) -> Result<Json, String> {
        let text = std::str::from_utf8(text).map_err(|_| "it is not UTF-8".to_string())?;
        let mut r = Reader { text, at: 0 };
        let v = r.value(0)?;
        match r.peek() {
            0 => Ok(v),
            _ => Err(r.wrong("the end")),
        }
    }

    /// Returns a member of an object, or Null.
    pub fn get(&self, name: &str) -> &Json {
        match self {
            Json::Object(members) => members.iter().rfind(|(n, _)| n == name).map_or(&Json::Null, |(_, v)| v),
            _ => &Json::Null,
        }
    }

    pub fn number(&self) -> Option<f64> {
        match self {
            Json::Number(v) => Some(*v),
            _ => None,
        }
    }

    /// Returns a number that counts something.
    pub fn index(&self) -> Option<usize> {
        self.number().filter(|v| *v >= 0.0 && *v < 4294967296.0 && v.fract() == 0.0).map(|v| v as usize)
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Json::Text(s) => Some(s),
            _ => None,
        }
    }

    pub fn list(&self) -> &[Json] {
        match self {
            Json::List(list) => list,
            _ => &[],
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn wrong(&self, wanted: &str) -> String {
        format!("at byte {}: {wanted} is expected", self.at)
    }

    /// Returns the byte at the reader, 0 at the end.
    fn byte(&self) -> u8 {
        *self.text.as_bytes().get(self.at).unwrap_or(&0)
    }

    /// Returns the next byte that is no space.
    fn peek(&mut self) -> u8 {
        while matches!(self.byte(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
        self.byte()
    }

    fn take(&mut self, word: &str) -> Result<(), String> {
        self.peek();
        if !self.text[self.at..].starts_with(word) {
            return Err(self.wrong(word));
        }
        self.at += word.len();
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        if depth > MAX_DEPTH {
            return Err(self.wrong("less nesting"));
        }
        match self.peek() {
            b'{' => {
                let mut members = Vec::new();
                self.items("{", "}", |r| {
                    let name = r.string()?;
                    r.take(":")?;
                    members.push((name, r.value(depth + 1)?));
                    Ok(())
                })?;
                Ok(Json::Object(members))
            }
            b'[' => {
                let mut list = Vec::new();
                self.items("[", "]", |r| {
                    list.push(r.value(depth + 1)?);
                    Ok(())
                })?;
                Ok(Json::List(list))
            }
            b'"' => self.string().map(Json::Text),
            b't' => self.take("true").map(|_| Json::Bool(true)),
            b'f' => self.take("false").map(|_| Json::Bool(false)),
            b'n' => self.take("null").map(|_| Json::Null),
            _ => self.number(),
        }
    }

    /// Reads what stands between two brackets, separated by commas.
    fn items(&mut self, open: &str, close: &str, mut item: impl FnMut(&mut Self) -> Result<(), String>) -> Result<(), String> {
        self.take(open)?;
        if self.peek() == close.as_bytes()[0] {
            return self.take(close);
        }
        loop {
            item(self)?;
            if self.peek() != b',' {
                return self.take(close);
            }
            self.take(",")?;
        }
    }

    fn digits(&mut self) -> Result<(), String> {
        let start = self.at;
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
        if self.at == start {
            return Err(self.wrong("a value"));
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Json, String> {
        let start = self.at;
        if self.byte() == b'-' {
            self.at += 1;
        }
        let first = self.at;
        self.digits()?;
        if self.text.as_bytes()[first] == b'0' && self.at > first + 1 {
            return Err(self.wrong("a number without leading zeros"));
        }
        if self.byte() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.byte(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        self.text[start..self.at].parse().map(Json::Number).map_err(|_| self.wrong("a number"))
    }

    fn hex(&mut self) -> Result<u32, String> {
        let digits = self.text.get(self.at..self.at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let v = u32::from_str_radix(digits.ok_or_else(|| self.wrong("four hexadecimal digits"))?, 16);
        self.at += 4;
        Ok(v.unwrap())
    }

    fn string(&mut self) -> Result<String, String> {
        self.take("\"")?;
        let mut s = String::new();
        loop {
            let c = self.text[self.at..].chars().next().ok_or_else(|| self.wrong("\""))?;
            if c < ' ' {
                return Err(self.wrong("no control character"));
            }
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(s),
                '\\' => s.push(self.escape()?),
                _ => s.push(c),
            }
        }
    }

    /// Reads what follows a backslash.
    fn escape(&mut self) -> Result<char, String> {
        let c = self.byte();
        if !c.is_ascii() || c == 0 {
            return Err(self.wrong("an escape"));
        }
        self.at += 1;
        Ok(match c {
            b'"' | b'\\' | b'/' => c as char,
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut v = self.hex()?;
                if (0xd800..0xdc00).contains(&v) && self.text[self.at..].starts_with("\\u") {
                    self.at += 2;
                    let low = self.hex()?;
                    if (0xdc00..0xe000).contains(&low) {
                        v = 0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00);
                    }
                }
                char::from_u32(v).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return Err(self.wrong("an escape")),
        })
    }
}

impl fmt::Display for Json {
    /// Writes JSON without spaces; a number that is not finite becomes null.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(v) => write!(f, "{v}"),
            Json::Number(v) if !v.is_finite() => f.write_str("null"),
            Json::Number(v) if *v != 0.0 && (v.abs() < 1e-6 || v.abs() >= 1e21) => write!(f, "{v:e}"),
            Json::Number(v) => write!(f, "{v}"),
            Json::Text(s) => quote(f, s),
            Json::List(list) => {
                for (i, v) in list.iter().enumerate() {
                    write!(f, "{}{v}", if i == 0 { '[' } else { ',' })?;
                }
                f.write_str(if list.is_empty() { "[]" } else { "]" })
            }
            Json::Object(members) => {
                for (i, (name, v)) in members.iter().enumerate() {
                    f.write_str(if i == 0 { "{" } else { "," })?;
                    quote(f, name)?;
                    write!(f, ":{v}")?;
                }
                f.write_str(if members.is_empty() { "{}" } else { "}" })
            }
        }
    }
}

fn quote(f: &mut fmt::Formatter, s: &str) -> fmt::Result {
    f.write_str("\"")?;
    for c in s.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            c if c < ' ' => write!(f, "\\u{:04x}", c as u32)?,
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("\"")
}
