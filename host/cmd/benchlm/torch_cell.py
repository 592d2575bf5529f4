"""PyTorch code for the recurrent cells of package spec, as one would write it by
hand: the products of x are hoisted out of the loop over time, all matrices that
read the same vector are one, and what is done alike to several of their results
is done at once.

A leaf is a node that combines a product of x with one of a state, such as a gate
of an LSTM. The slots, the columns of a product, are in the order of the leaves,
which are sorted by state, combination and activation, so that each of these is
one operation on adjacent columns.
"""

COMBINE = {"add": "{} + {}", "elem_mult": "{} * {}", "max": "torch.maximum({}, {})"}
ACTIVATE = {"relu": "torch.relu({})", "tanh": "torch.tanh({})", "sigmoid": "torch.sigmoid({})", "sin": "torch.sin({})", "identity": "{}"}


class Cell:
    """A cell, the order of its slots, and its code.

    order   the live nodes, each after its inputs
    states  the names of the live states
    slots   by source, "x", a state or a node, the linear nodes that read it
    """

    def __init__(self, cell):
        self.nodes = {node["name"]: node for node in cell["nodes"]}
        self.next = {state["name"]: state["next"] for state in cell["states"]}
        self.order, self.states = self.live()
        self.readers = {}
        for name in self.order:
            for source in self.nodes[name]["inputs"]:
                self.readers.setdefault(source, []).append(name)
        for state in self.states:
            self.readers.setdefault(self.next[state], []).append("")  # the next step reads it
        self.leaves = sorted(filter(None, map(self.leaf, self.order)), key=lambda leaf: leaf[:3])
        self.slots = {}
        for state, _, _, _, of_x, of_state in self.leaves:
            self.slots.setdefault("x", []).append(of_x)
            self.slots.setdefault(state, []).append(of_state)
        for name in self.order:
            if self.linear(name):
                slots = self.slots.setdefault(self.nodes[name]["inputs"][0], [])
                if name not in slots:
                    slots.append(name)

    def live(self):
        """The nodes and states that the output depends on at any later step."""
        order, states = [], ["h"]

        def visit(name):
            if name in self.next and name not in states:
                states.append(name)
            if name not in self.nodes or name in order:
                return
            for source in self.nodes[name]["inputs"]:
                visit(source)
            order.append(name)

        for state in states:  # grows meanwhile
            visit(self.next[state])
        return order, states

    def linear(self, name):
        return name in self.nodes and self.nodes[name]["op"] == "linear"

    def biased(self, source):
        """Whether any slot of the source has a bias."""
        return any(self.nodes[name].get("bias") for name in self.slots[source])

    def leaf(self, name):
        """(state, op, func, name, slot of x, slot of the state) of a leaf. Its
        func is that of the activation that alone reads it."""
        node = self.nodes[name]
        if node["op"] not in COMBINE or len(node["inputs"]) != 2:
            return None
        found = {}
        for source in node["inputs"]:
            if self.linear(source) and len(self.readers[source]) == 1:
                read = self.nodes[source]["inputs"][0]
                found["x" if read == "x" else "state" if read in self.next else ""] = (source, read)
        if set(found) != {"x", "state"}:
            return None
        readers = self.readers[name]
        func = ""
        if len(readers) == 1 and readers[0] and self.nodes[readers[0]]["op"] == "activation":
            func = self.nodes[readers[0]]["func"]
        return found["state"][1], node["op"], func, name, found["x"][0], found["state"][0]

    def parts(self):
        """The leaves of each state and combination: [(state, op, leaves)]."""
        parts = []
        for leaf in self.leaves:
            if not parts or parts[-1][:2] != leaf[:2]:
                parts.append((leaf[0], leaf[1], []))
            parts[-1][2].append(leaf)
        return parts

    def pieces(self, source):
        """Into which variables the product of a source is split: [(variable,
        slots)], a part of leaves each, then what is left slot by slot."""
        pieces = []
        for k, (state, _, leaves) in enumerate(self.parts()):
            if source in ("x", state):
                pieces.append((f"{'z' if source == 'x' else 'r'}{k}", len(leaves)))
        done = sum(count for _, count in pieces)
        return pieces + [(self.variable(name), 1) for name in self.slots[source][done:]]

    @staticmethod
    def variable(name):
        return "v_" + "".join(c if c.isalnum() else "_" for c in name)

    def arguments(self):
        """The weights and biases that the code takes, in this order: [(kind,
        source)]; a weight is (slots * units, width)."""
        found = []
        for source in self.slots:
            found.append(("weight", source))
            if self.biased(source):
                found.append(("bias", source))
        return found

    def product(self, source, of):
        """The product of a source, whose variable is given."""
        name = self.variable(source)
        return f"F.linear({of}, weight_{name}{f', bias_{name}' if self.biased(source) else ''})"

    def split(self, source, of, units, axis):
        """Lines that split the product of a source into its pieces."""
        pieces = self.pieces(source)
        if len(pieces) == 1:
            return [f"{pieces[0][0]} = {of}"]
        sizes = ", ".join(str(count * units) for _, count in pieces)
        return [f"{', '.join(name for name, _ in pieces)} = {of}.split_with_sizes([{sizes}], {axis})"]

    def elementwise(self, units, fused=()):
        """The lines of a step after the products of its states. A part of the
        fused ones is there already."""
        lines, done = [], set()
        for k, (_, op, leaves) in enumerate(self.parts()):
            if k not in fused:
                lines.append(f"a{k} = " + COMBINE[op].format(f"z{k}", f"r{k}"))
            groups = []
            for leaf in leaves:
                if not groups or groups[-1][0] != leaf[2]:
                    groups.append((leaf[2], []))
                groups[-1][1].append(leaf[3])
            whole = [f"a{k}"] if len(groups) == 1 else [f"a{k}_{i}" for i in range(len(groups))]
            if len(groups) > 1:
                sizes = ", ".join(str(len(names) * units) for _, names in groups)
                lines.append(f"{', '.join(whole)} = a{k}.split_with_sizes([{sizes}], 1)")
            for of, (func, names) in zip(whole, groups):
                if func:
                    names = [self.readers[name][0] for name in names]
                    done.update(names)
                value = ACTIVATE[func or "identity"].format(of)
                if len(names) > 1:
                    value += f".chunk({len(names)}, 1)"
                lines.append(f"{', '.join(map(self.variable, names))} = {value}")
            done.update(leaf[3] for leaf in leaves)
        for name in self.order:
            if name in done or self.linear(name):
                continue
            node = self.nodes[name]
            inputs = [self.variable(source) for source in node["inputs"]]
            if node["op"] == "activation":
                value = ACTIVATE[node["func"]].format(inputs[0])
            elif node["op"] == "one_minus":
                value = f"1 - {inputs[0]}"
            else:
                value = inputs[0]
                for other in inputs[1:]:
                    value = COMBINE[node["op"]].format(value, other)
            lines.append(f"{self.variable(name)} = {value}")
            if name in self.slots:
                of = f"p_{self.variable(name)}"
                lines.append(f"{of} = " + self.product(name, self.variable(name)))
                lines += self.split(name, of, units, 1)
        return lines

    def advance(self):
        """The line that sets the states to those of the next step."""
        states = ", ".join(self.variable(state) for state in self.states)
        return f"{states} = " + ", ".join(self.variable(self.next[state]) for state in self.states)

    def step(self, units):
        """The source of step(z, r, states): a step's elementwise part, with all
        products given. It returns the next states."""
        taken = [name for source in self.slots for name, _ in self.pieces(source)]
        taken += [self.variable(state) for state in self.states]
        return function("step", taken, self.elementwise(units) + [self.advance(), "return " + ", ".join(map(self.variable, self.states))], len(self.states))

    def layer(self, units):
        """The source of layer(x, states, arguments): a window. It returns y and
        the states after it."""
        body = ["z = " + self.product("x", "x")]
        body += self.split("x", "z", units, 2)
        pieces = self.pieces("x")
        body += [f"all_{name} = {name}.unbind(0)" for name, _ in pieces]
        body += ["ys: List[Tensor] = []", "for t in range(x.size(0)):"]
        inner = [f"{name} = all_{name}[t]" for name, _ in pieces]
        fused = []
        for state in self.states:
            if state not in self.slots:
                continue
            name, parts = self.variable(state), [k for k, part in enumerate(self.parts()) if part[0] == state]
            if len(self.pieces(state)) == 1 and parts and self.parts()[parts[0]][1] == "add" and not self.biased(state):
                fused += parts
                inner.append(f"a{parts[0]} = torch.addmm(z{parts[0]}, {name}, weight_{name}.t())")
                continue
            inner.append(f"p_{name} = " + self.product(state, name))
            inner += self.split(state, f"p_{name}", units, 1)
        inner += self.elementwise(units, fused) + [self.advance(), f"ys.append({self.variable('h')})"]
        body += ["    " + line for line in inner]
        states = [self.variable(state) for state in self.states]
        body.append("return " + ", ".join(["torch.stack(ys)"] + states))
        taken = ["x"] + states + [f"{kind}_{self.variable(source)}" for kind, source in self.arguments()]
        return function("layer", taken, body, len(states) + 1)


def function(name, taken, body, results):
    """The source of a function that takes and returns tensors."""
    returned = "Tensor" if results == 1 else f"Tuple[{', '.join(['Tensor'] * results)}]"
    head = f"def {name}({', '.join(f'{t}: Tensor' for t in taken)}) -> {returned}:\n"
    imports = "from typing import List, Tuple\n\nimport torch\nimport torch.nn.functional as F\nfrom torch import Tensor\n\n\n"
    return imports + head + "".join(f"    {line}\n" for line in body)
