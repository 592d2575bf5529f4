//! A plugin of Espalier: a search space, from which a search proposes networks,
//! and a reward shaper, which says how good a trained one is. README.md says how
//! to build, test and use it; espalier.rs explains the types.

mod espalier;
mod json;

use espalier::*;
use json::Json;

/// All that the plugin offers. A space or shaper is picked by name, as in
/// --space ./sapling.wasm:stack, and its params are set by --params '{"layers": 5}'.
pub fn module() -> Module {
    Module {
        name: "sapling",
        version: "0.1.0",
        summary: "A plugin to start from.",
        spaces: vec![Offer {
            name: "stack",
            summary: "Convolutions, each of which reads the one before and any of the earlier ones.",
            params: vec![Param { name: "layers", summary: "convolutions", integer: true, default: 3.0, min: 1.0, max: 16.0 }],
            open: |p| Box::new(Stack { layers: p.get("layers") as usize }),
        }],
        shapers: vec![Offer {
            name: "thrifty",
            summary: "Best validation accuracy, reduced for networks with many parameters.",
            params: vec![Param {
                name: "half_at",
                summary: "learned numbers that halve the reward",
                integer: true,
                default: 100_000.0,
                min: 1.0,
                max: 1e9,
            }],
            open: |p| Box::new(Thrifty { half_at: p.get("half_at") }),
        }],
    }
}

/// What a layer can be. An answer is the position of an option.
const FILTERS: [usize; 3] = [4, 8, 16];
const KERNELS: [usize; 3] = [1, 3, 5];

/// The kinds of decision, in the order in which a layer asks them.
const KINDS: [&str; 3] = ["filters", "kernel", "reads"];

/// Convolutions, each of which reads the one before and any of the earlier ones.
struct Stack {
    layers: usize,
}

impl Space for Stack {
    fn task(&self) -> &'static str {
        "image"
    }

    fn max_steps(&self) -> usize {
        self.layers * KINDS.len()
    }

    /// Decisions of one kind share what the controller learns, so a kind has the
    /// same options wherever it is asked.
    fn kinds(&self) -> Vec<Kind> {
        let labels = |values: &[usize]| Form::Choice(values.iter().map(usize::to_string).collect());
        vec![
            Kind { id: KINDS[0], form: labels(&FILTERS) },
            Kind { id: KINDS[1], form: labels(&KERNELS) },
            Kind { id: KINDS[2], form: Form::Anchors },
        ]
    }

    fn next(&self, answers: &[Answer]) -> Option<Decision> {
        let position = answers.len();
        if position == self.max_steps() {
            return None;
        }
        let (layer, kind) = (position / KINDS.len(), KINDS[position % KINDS.len()]);
        let mut q = Decision { kind, name: format!("layer{}/{kind}", layer + 1), ..Decision::default() };
        if kind == "reads" {
            q.anchor = true; // this layer is the next anchor point, so that later layers can pick it
            q.offers = (0..layer.saturating_sub(1)).collect();
        }
        // Two promises that let the host save calls: what follows depends on the
        // position alone, and not on the answer to this question.
        q.state = Some(position.to_string());
        q.any = true;
        Some(q)
    }

    /// Every layer is a convolution, batch normalization and ReLU; the first
    /// halves the image.
    fn build(&self, answers: &[Answer], task: &Task) -> Result<Network, String> {
        let mut nodes = Vec::new();
        let mut last = "input".to_string(); // what the next layer reads
        for (i, picked) in answers.chunks(KINDS.len()).enumerate() {
            let name = |part: &str| format!("layer{}/{part}", i + 1);
            let earlier = picked[2].set();
            if !earlier.is_empty() {
                let mut inputs = vec![last];
                inputs.extend(earlier.iter().map(|anchor| format!("layer{}/relu", anchor + 1)));
                last = name("join");
                nodes.push(Node { name: last.clone(), op: "concat", inputs, attributes: vec![] });
            }
            let size = KERNELS[picked[1].pick()];
            let mut attributes = vec![("filters", FILTERS[picked[0].pick()].into()), ("kernel", pair(size))];
            if i == 0 {
                attributes.push(("stride", pair(2)));
            }
            nodes.push(Node { name: name("conv"), op: "conv2d", inputs: vec![last], attributes });
            nodes.push(Node { name: name("norm"), op: "batchnorm", inputs: vec![name("conv")], attributes: vec![] });
            last = name("relu");
            let attributes = vec![("func", "relu".into())];
            nodes.push(Node { name: last.clone(), op: "activation", inputs: vec![name("norm")], attributes });
        }
        nodes.push(Node { name: "pool".into(), op: "global_avgpool", inputs: vec![last], attributes: vec![] });
        nodes.push(Node {
            name: "logits".into(),
            op: "dense",
            inputs: vec!["pool".into()],
            attributes: vec![("units", task.classes.into()), ("bias", true.into())],
        });
        Ok(Network { nodes, output: "logits".into() })
    }
}

/// Height and width.
fn pair(size: usize) -> Json {
    [size, size].into_iter().map(Json::from).collect()
}

/// accuracy * half_at / (half_at + params), where accuracy is the best that was
/// measured on validation images. It is 0 for a trial that failed.
struct Thrifty {
    half_at: f64,
}

impl Shaper for Thrifty {
    fn reward(&self, m: &Metrics) -> Reward {
        let measured = m.epochs.iter().map(|e| e.valid_accuracy);
        let accuracy = if m.failed { 0.0 } else { measured.fold(0.0, f64::max) }; // max passes over NaN
        let thrift = self.half_at / (self.half_at + m.params);
        Reward { reward: accuracy * thrift, parts: vec![("accuracy", accuracy), ("thrift", thrift)] }
    }
}

/// Each test sends what a host would send, and looks at the answer.
#[cfg(test)]
mod tests {
    use super::*;

    fn answer(op: u32, payload: &str) -> Json {
        Json::parse(call(&module(), op, payload.as_bytes()).as_bytes()).unwrap()
    }

    fn next(prefix: &str) -> Json {
        answer(2, &format!(r#"{{"space":"stack","params":{{"layers":3}},"prefix":{prefix}}}"#))
    }

    fn build(prefix: &str) -> Json {
        let task = r#"{"type":"image","input":[16,16,3],"classes":10}"#;
        answer(3, &format!(r#"{{"space":"stack","params":{{"layers":3}},"prefix":{prefix},"task":{task}}}"#))
    }

    fn reward(metrics: &str) -> Json {
        answer(4, &format!(r#"{{"shaper":"thrifty","params":{{"half_at":1000}},"metrics":{metrics}}}"#)).get("ok").clone()
    }

    #[test]
    fn questions() {
        let first = next("[]");
        assert_eq!(first.get("ok").get("decision").get("name").text(), Some("layer1/filters"));
        let reads = next("[0,0,[],0,0,[],0,0]");
        assert_eq!(reads.get("ok").get("decision").get("anchors").list(), [Json::Number(0.0)]);
        assert_eq!(next("[0,0,[],0,0,[],0,0,[0]]").get("ok").get("done"), &Json::Bool(true));
    }

    #[test]
    fn wrong_answers() {
        for (prefix, at) in [("[3]", 0), ("[0,[]]", 1), ("[0,0,[0]]", 2), ("[0,0,[],0,0,[],0,0,[0],0]", 9)] {
            let err = next(prefix).get("err").clone();
            assert_eq!((err.get("code").text(), err.get("at").index()), (Some("bad_prefix"), Some(at)), "{prefix}");
        }
        assert_eq!(build("[0,0]").get("err").get("code").text(), Some("bad_prefix"));
    }

    #[test]
    fn network() {
        let answer = build("[0,1,[],1,0,[],2,2,[0]]");
        let nodes = answer.get("ok").get("network").get("nodes").list();
        let names: Vec<_> = nodes.iter().map(|n| n.get("name").text().unwrap()).collect();
        assert_eq!(names[6..], ["layer3/join", "layer3/conv", "layer3/norm", "layer3/relu", "pool", "logits"]);
        assert_eq!(nodes[6].get("inputs").list(), ["layer2/relu".into(), Json::from("layer1/relu")]);
        assert_eq!((nodes[7].get("filters").index(), nodes[7].get("kernel")), (Some(16), &pair(5)));
    }

    #[test]
    fn rewards() {
        let epochs = r#""epochs":[{"epoch":1,"valid_accuracy":0.5},{"epoch":2},{"epoch":3,"valid_accuracy":0.25}]"#;
        assert_eq!(reward(&format!("{{{epochs}}}")).get("reward").number(), Some(0.5));
        assert_eq!(reward(&format!(r#"{{{epochs},"params":1000}}"#)).get("reward").number(), Some(0.25));
        assert_eq!(reward(&format!(r#"{{{epochs},"failed":true}}"#)).get("reward").number(), Some(0.0));
    }
}
