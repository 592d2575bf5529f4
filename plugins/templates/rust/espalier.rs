//! The kit: what plugin.rs needs to be a plugin of Espalier. It holds the plugin
//! interface, ABI 1, so that plugin.rs holds search spaces and reward shapers
//! only; json.rs has the payloads. It is yours to change.

use crate::json::{object, Json};

/// What one plugin offers.
pub struct Module {
    pub name: &'static str,
    pub version: &'static str,
    pub summary: &'static str,
    pub spaces: Vec<Offer<dyn Space>>,
    pub shapers: Vec<Offer<dyn Shaper>>,
}

/// A search space or a shaper of a module, picked by name.
pub struct Offer<T: ?Sized> {
    pub name: &'static str,
    pub summary: &'static str,
    pub params: Vec<Param>,
    pub open: fn(&Params) -> Box<T>,
}

/// A number that users may set, such as {"layers": 5}.
pub struct Param {
    pub name: &'static str,
    pub summary: &'static str,
    pub integer: bool,
    pub default: f64,
    pub min: f64, // inclusive, as max
    pub max: f64,
}

/// The values of the params: what the user gave, else the defaults.
pub struct Params(Vec<(&'static str, f64)>);

impl Params {
    /// Returns the value of a declared param.
    pub fn get(&self, name: &str) -> f64 {
        self.0.iter().find(|(n, _)| *n == name).expect("a param that is not declared").1
    }

    fn json(&self) -> Json {
        object(self.0.iter().map(|(name, value)| (*name, Json::Number(*value))))
    }
}

/// A search space: a set of networks, described by the questions that lead to
/// one. Its functions depend on their arguments only.
pub trait Space {
    /// The type of the tasks that it builds for: "image" or "text".
    fn task(&self) -> &'static str;
    /// The most decisions that an episode can have.
    fn max_steps(&self) -> usize;
    fn kinds(&self) -> Vec<Kind>;
    /// Asks what follows the answers; None ends the episode. The kit has checked
    /// the answers against the decisions that they reply to.
    fn next(&self, answers: &[Answer]) -> Option<Decision>;
    /// Turns the answers of a whole episode into a network, or says why the task
    /// is not supported.
    fn build(&self, answers: &[Answer], task: &Task) -> Result<Network, String>;
}

/// A family of decisions that share what the controller learns.
pub struct Kind {
    pub id: &'static str,
    pub form: Form,
}

/// How a decision is answered.
pub enum Form {
    /// By one of these options.
    Choice(Vec<String>),
    /// By any subset of the anchor points that it offers.
    Anchors,
    /// By exactly one of them.
    #[allow(dead_code)]
    Pointer,
}

/// One question that a space asks.
#[derive(Default)]
pub struct Decision {
    pub kind: &'static str,
    /// Unique within the episode.
    pub name: String,
    /// Announces this step as the next anchor point, counted from 0.
    pub anchor: bool,
    /// The earlier anchor points that may be picked, ascending.
    pub offers: Vec<usize>,
    /// For a choice: false forbids an option; empty allows all.
    pub mask: Vec<bool>,
    /// Promises that equal states are followed by equal steps.
    pub state: Option<String>,
    /// Promises that the step after this one is the same for every answer.
    pub any: bool,
}

/// The reply to one decision.
pub enum Answer {
    /// The option of a choice, or the anchor point of a pointer.
    Pick(usize),
    /// Ascending anchor points.
    Set(Vec<usize>),
}

impl Answer {
    /// Returns the option, or the anchor point, that was picked.
    pub fn pick(&self) -> usize {
        match self {
            Answer::Pick(i) => *i,
            Answer::Set(_) => panic!("the answer is a set"),
        }
    }

    /// Returns the anchor points that were picked.
    pub fn set(&self) -> &[usize] {
        match self {
            Answer::Pick(_) => panic!("the answer is no set"),
            Answer::Set(list) => list,
        }
    }
}

/// What a network is to be built for.
pub struct Task {
    pub kind: String,
    /// The shape of one example: height, width, channels; or steps.
    #[allow(dead_code)]
    pub input: Vec<usize>,
    pub classes: usize,
}

/// A network. Ops and attributes are those of Espalier's network format.
pub struct Network {
    pub nodes: Vec<Node>,
    /// The node that yields the logits.
    pub output: String,
}

pub struct Node {
    pub name: String,
    pub op: &'static str,
    pub inputs: Vec<String>,
    pub attributes: Vec<(&'static str, Json)>,
}

/// Turns what was measured of a trial into a reward. Its function depends on its
/// arguments only.
pub trait Shaper {
    fn reward(&self, m: &Metrics) -> Reward;
}

/// What was measured of a trial.
#[derive(Default)]
#[allow(dead_code)]
pub struct Metrics {
    pub epochs: Vec<Epoch>,
    /// Learned numbers.
    pub params: f64,
    /// Multiply-accumulates of one example.
    pub macs: f64,
    /// Of one example; 0: not measured.
    pub latency_seconds: f64,
    pub failed: bool,
}

/// What was measured after one epoch of training. Accuracies are fractions,
/// losses are in nats; what was not measured is NaN.
#[allow(dead_code)]
pub struct Epoch {
    pub train_loss: f64,
    pub train_accuracy: f64,
    pub valid_loss: f64,
    pub valid_accuracy: f64,
}

/// A verdict. The reward is finite; the parts explain it to people.
pub struct Reward {
    pub reward: f64,
    pub parts: Vec<(&'static str, f64)>,
}

/// Why a call is refused.
struct Fault {
    code: &'static str,
    msg: String,
    at: Option<usize>,
}

fn fault(code: &'static str, msg: impl Into<String>) -> Fault {
    Fault { code, msg: msg.into(), at: None }
}

fn bad_prefix(at: usize, msg: impl Into<String>) -> Fault {
    Fault { code: "bad_prefix", msg: msg.into(), at: Some(at) }
}

/// Answers an operation of the plugin interface: payload and answer are JSON.
pub fn call(module: &Module, op: u32, payload: &[u8]) -> String {
    let answer = match serve(module, op, payload) {
        Ok(value) => object([("ok", value)]),
        Err(f) => {
            let mut err = vec![("code", f.code.into()), ("msg", f.msg.into())];
            err.extend(f.at.map(|at| ("at", at.into())));
            object([("err", object(err))])
        }
    };
    answer.to_string()
}

fn serve(module: &Module, op: u32, payload: &[u8]) -> Result<Json, Fault> {
    if !(1..=4).contains(&op) {
        return Err(fault("unsupported", format!("there is no operation {op}")));
    }
    let request = Json::parse(payload).map_err(|e| fault("unsupported", format!("the payload is not JSON: {e}")))?;
    if !matches!(request, Json::Object(_)) {
        return Err(fault("unsupported", "the payload is not an object"));
    }
    match (op, request.get("space"), request.get("shaper")) {
        (1, Json::Null, Json::Null) => Ok(object([("manifest", manifest(module))])),
        (1, Json::Null, _) | (4, _, _) => {
            let (offer, params) = pick(&module.shapers, &request, "shaper")?;
            if op == 4 {
                return Ok(reward(&*(offer.open)(&params), request.get("metrics")));
            }
            Ok(object([("name", offer.name.into()), ("version", module.version.into()), ("params", params.json())]))
        }
        _ => {
            let (offer, params) = pick(&module.spaces, &request, "space")?;
            let space = (offer.open)(&params);
            match op {
                1 => Ok(info(&*space, offer.name, module.version, &params)),
                2 => Ok(step(follow(&*space, &answers(request.get("prefix"))?)?)),
                _ => build(&*space, &answers(request.get("prefix"))?, request.get("task")),
            }
        }
    }
}

/// Finds the offer that a request names and reads its params.
fn pick<'a, T: ?Sized>(offers: &'a [Offer<T>], request: &Json, what: &str) -> Result<(&'a Offer<T>, Params), Fault> {
    let name = request.get(what).text().unwrap_or_default();
    let known: Vec<_> = offers.iter().map(|o| o.name).collect();
    let offer = offers.iter().find(|o| o.name == name).ok_or_else(|| {
        fault("unsupported", format!("there is no {what} {name:?}; there are: {}", known.join(", ")))
    })?;
    let mut values: Vec<_> = offer.params.iter().map(|p| (p.name, p.default)).collect();
    let given = match request.get("params") {
        Json::Null => &[][..],
        Json::Object(members) => members,
        _ => return Err(fault("bad_params", "the params are not an object")),
    };
    for (name, value) in given.iter().filter(|(_, v)| !matches!(v, Json::Null)) {
        let i = offer.params.iter().position(|p| p.name == name);
        let i = i.ok_or_else(|| fault("bad_params", format!("there is no param {name:?}")))?;
        let p = &offer.params[i];
        let v = value.number().filter(|v| (p.min..=p.max).contains(v) && (!p.integer || v.fract() == 0.0));
        let kind = if p.integer { "an integer" } else { "a number" };
        values[i].1 = v.ok_or_else(|| fault("bad_params", format!("{name} must be {kind} from {} to {}", p.min, p.max)))?;
    }
    Ok((offer, Params(values)))
}

fn manifest(module: &Module) -> Json {
    let spaces = module.spaces.iter().map(|o| {
        let defaults = Params(o.params.iter().map(|p| (p.name, p.default)).collect());
        offer(o, Some((o.open)(&defaults).task()))
    });
    object([
        ("abi", "1.0".into()),
        ("name", module.name.into()),
        ("version", module.version.into()),
        ("summary", module.summary.into()),
        ("spaces", spaces.collect()),
        ("shapers", module.shapers.iter().map(|o| offer(o, None)).collect()),
    ])
}

fn offer<T: ?Sized>(o: &Offer<T>, task: Option<&str>) -> Json {
    let params = o.params.iter().map(|p| {
        object([
            ("name", p.name.into()),
            ("type", if p.integer { "int" } else { "float" }.into()),
            ("default", p.default.into()),
            ("summary", p.summary.into()),
            ("min", p.min.into()),
            ("max", p.max.into()),
        ])
    });
    let mut members = vec![("name", o.name.into()), ("summary", o.summary.into())];
    members.extend(task.map(|t| ("task", t.into())));
    members.push(("params", params.collect()));
    object(members)
}

fn info(space: &dyn Space, name: &str, version: &str, params: &Params) -> Json {
    let kinds = space.kinds().into_iter().map(|k| match k.form {
        Form::Choice(options) => object([
            ("id", k.id.into()),
            ("type", "choice".into()),
            ("options", options.into_iter().map(Json::from).collect()),
        ]),
        Form::Anchors => object([("id", k.id.into()), ("type", "anchors".into())]),
        Form::Pointer => object([("id", k.id.into()), ("type", "pointer".into())]),
    });
    object([
        ("name", name.into()),
        ("version", version.into()),
        ("task", space.task().into()),
        ("max_steps", space.max_steps().into()),
        ("kinds", kinds.collect()),
        ("params", params.json()),
    ])
}

fn answers(prefix: &Json) -> Result<Vec<Answer>, Fault> {
    let wrong = |at| bad_prefix(at, "an answer is an integer or an array of integers");
    let read = |(at, value): (usize, &Json)| match value {
        Json::List(list) => {
            let set: Option<Vec<_>> = list.iter().map(Json::index).collect();
            set.map(Answer::Set).ok_or_else(|| wrong(at))
        }
        _ => value.index().map(Answer::Pick).ok_or_else(|| wrong(at)),
    };
    match prefix {
        Json::Null => Ok(Vec::new()),
        Json::List(list) => list.iter().enumerate().map(read).collect(),
        _ => Err(wrong(0)),
    }
}

/// Checks every answer against the decision that it replies to, and returns what
/// follows the last, and its form.
fn follow(space: &dyn Space, answers: &[Answer]) -> Result<Option<(Decision, Form)>, Fault> {
    let form = |q: &Decision| {
        let k = space.kinds().into_iter().find(|k| k.id == q.kind);
        k.expect("a decision of a kind that is not declared").form
    };
    for (i, answer) in answers.iter().enumerate() {
        match space.next(&answers[..i]) {
            None => return Err(bad_prefix(i, format!("the episode ends after {i} answers"))),
            Some(q) if !fits(&q, &form(&q), answer) => {
                return Err(bad_prefix(i, format!("this is no answer to the decision {:?}", q.name)))
            }
            Some(_) => {}
        }
    }
    Ok(space.next(answers).map(|q| {
        let form = form(&q);
        (q, form)
    }))
}

fn fits(q: &Decision, form: &Form, answer: &Answer) -> bool {
    match (form, answer) {
        (Form::Choice(options), Answer::Pick(i)) => *i < options.len() && *q.mask.get(*i).unwrap_or(&true),
        (Form::Pointer, Answer::Pick(i)) => q.offers.contains(i),
        (Form::Anchors, Answer::Set(set)) => {
            set.iter().all(|a| q.offers.contains(a)) && set.windows(2).all(|pair| pair[0] < pair[1])
        }
        _ => false,
    }
}

fn step(next: Option<(Decision, Form)>) -> Json {
    let (q, form) = match next {
        None => return object([("done", true.into())]),
        Some(next) => next,
    };
    let mut decision = vec![("kind", q.kind.into()), ("name", q.name.into())];
    if q.anchor {
        decision.push(("anchor", true.into()));
    }
    if !matches!(form, Form::Choice(_)) {
        decision.push(("anchors", q.offers.into_iter().map(Json::from).collect()));
    } else if !q.mask.is_empty() {
        decision.push(("mask", q.mask.into_iter().map(Json::from).collect()));
    }
    let mut members = vec![("decision", object(decision))];
    members.extend(q.state.map(|s| ("state", s.into())));
    if q.any {
        members.push(("any", true.into()));
    }
    object(members)
}

fn build(space: &dyn Space, answers: &[Answer], given: &Json) -> Result<Json, Fault> {
    if follow(space, answers)?.is_some() {
        return Err(bad_prefix(answers.len(), "the episode is not over"));
    }
    let unsupported = || fault("unsupported", format!("the space is for tasks of type {}", space.task()));
    let input: Option<Vec<_>> = given.get("input").list().iter().map(Json::index).collect();
    let task = Task {
        kind: given.get("type").text().unwrap_or_default().to_string(),
        input: input.ok_or_else(unsupported)?,
        classes: given.get("classes").index().ok_or_else(unsupported)?,
    };
    if task.kind != space.task() || task.input.len() != if task.kind == "image" { 3 } else { 1 } {
        return Err(unsupported());
    }
    let network = space.build(answers, &task).map_err(|msg| fault("unsupported", msg))?;
    let nodes = network.nodes.into_iter().map(|n| {
        let mut members = vec![
            ("name", n.name.into()),
            ("op", n.op.into()),
            ("inputs", n.inputs.into_iter().map(Json::from).collect()),
        ];
        members.extend(n.attributes);
        object(members)
    });
    let network = object([
        ("version", 1.0.into()),
        ("task", given.clone()),
        ("nodes", nodes.collect()),
        ("output", network.output.into()),
    ]);
    Ok(object([("network", network)]))
}

fn reward(shaper: &dyn Shaper, given: &Json) -> Json {
    let measured = |e: &Json, key| e.get(key).number().unwrap_or(f64::NAN);
    let metrics = Metrics {
        epochs: given.get("epochs").list().iter().map(|e| Epoch {
            train_loss: measured(e, "train_loss"),
            train_accuracy: measured(e, "train_accuracy"),
            valid_loss: measured(e, "valid_loss"),
            valid_accuracy: measured(e, "valid_accuracy"),
        }).collect(),
        params: given.get("params").number().unwrap_or(0.0),
        macs: given.get("macs").number().unwrap_or(0.0),
        latency_seconds: given.get("latency_seconds").number().unwrap_or(0.0),
        failed: matches!(given.get("failed"), Json::Bool(true)),
    };
    let r = shaper.reward(&metrics);
    let parts = r.parts.into_iter().map(|(name, value)| (name, value.into()));
    object([("reward", r.reward.into()), ("parts", object(parts))])
}

/// The exports of the module, and its import.
#[cfg(target_arch = "wasm32")]
mod exports {
    use std::alloc::{alloc, dealloc, Layout};
    use std::cell::RefCell;

    thread_local! {
        /// The last answer, which stays valid until the next call.
        static ANSWER: RefCell<String> = RefCell::new(String::new());
    }

    #[link(wasm_import_module = "esp")]
    extern "C" {
        #[link_name = "log"]
        fn esp_log(level: u32, text: *const u8, size: usize);
    }

    #[no_mangle]
    pub extern "C" fn esp_abi() -> u32 {
        1 << 16
    }

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size.max(1), 1).unwrap()
    }

    #[no_mangle]
    pub extern "C" fn esp_alloc(size: usize) -> *mut u8 {
        unsafe { alloc(layout(size)) }
    }

    #[no_mangle]
    pub unsafe extern "C" fn esp_free(address: *mut u8, size: usize) {
        dealloc(address, layout(size))
    }

    #[no_mangle]
    pub unsafe extern "C" fn esp_call(op: u32, address: *const u8, size: usize) -> u64 {
        // Without this, a panic would reach the host as a bare trap.
        std::panic::set_hook(Box::new(|panic| {
            let text = panic.to_string();
            esp_log(3, text.as_ptr(), text.len());
        }));
        let payload = std::slice::from_raw_parts(address, size);
        let text = super::call(&crate::module(), op, payload);
        ANSWER.with(|answer| {
            let mut answer = answer.borrow_mut();
            *answer = text;
            (answer.as_ptr() as u64) << 32 | answer.len() as u64
        })
    }
}
