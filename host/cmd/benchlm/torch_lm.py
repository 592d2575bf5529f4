"""The PyTorch side of the benchmark of language models.

Its commands, beside those that torch_peer answers itself:

  {"do": "load", "network": N, "streams": N, "tensors": PATH, "lr": R, "clip": C}
      build the network N (the format of package spec) in every mode from the
      weights in the file, which may also hold "tokens", (K*T+1, N): K windows of
      T steps and what follows each; the modes
  {"do": "check", "mode": M, "windows": K, "tensors": PATH}
      forward and backward passes of the first K windows from the initial weights
      and states of 0, without an update; the mean loss in nats per token, and
      into the file the gradients of the last window and the states after it
  {"do": "train", "mode": M, "steps": K}
      K steps of training, window after window, over and over; the seconds and
      the loss of each
  {"do": "record", "mode": M, "tensors": PATH}
      one step of training; its loss, and into the file the gradients before they
      were clipped, "after." and the name of each weight, and "norm"
  {"do": "corpus", "tensors": PATH}
      take a text: "train" and "valid", two streams of tokens
  {"do": "epoch", "mode": M, "lr": R}
      train on the text once, then measure on its second part; both losses in
      nats per token, and the seconds of training
  {"do": "cell", "cell": C, "rows": N, "units": U, "tensors": PATH, "answer": PATH, "seconds": S}
      do the elementwise part of a step of a cell for about so many seconds, with
      the products given by the name of their node and the states by theirs; the
      seconds of one step, and into the other file the next states

The gradient is that of the loss summed over the steps of a window and averaged
over its streams (Zaremba et al. 2014); what is reported is per token. A step
clips the norm of all gradients and subtracts them times the learning rate.

Modes: "lstm" has nn.LSTM for recurrent layers, if all are LSTMs; "eager" the code
that torch_cell generates, and "script" the same under torch.jit.script.

Tensors have the layouts of package child: a matrix is (width, units) and a table
(words, units).
"""

import importlib.util
import os
import tempfile
import time

import torch
import torch.nn.functional as F
import torch_cell
import torch_peer

GATES = ("i", "f", "g", "o")  # of an LSTM, in the order of nn.LSTM


def compiled(source, name, script):
    """The function of that name in the source, which has to lie in a file for
    torch.jit.script to read it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "generated.py")
        with open(path, "w") as file:
            file.write(source)
        module_spec = importlib.util.spec_from_file_location("generated", path)
        module = importlib.util.module_from_spec(module_spec)
        module_spec.loader.exec_module(module)
        made = getattr(module, name)
        return torch.jit.script(made) if script else made


def is_lstm(cell):
    """Whether it is the LSTM of nn.LSTM, by the name and the nodes that the
    named cell has."""
    names = {node["name"] for node in cell["nodes"]}
    return cell.get("name") == "lstm" and all({"x_" + g, "h_" + g} <= names for g in GATES)


def clip(weights, limit):
    """Does what torch.nn.utils.clip_grad_norm_ does, in the same time, but sums
    the squares row by row: in one float32, those of a table of 10,000 words yield
    a norm that is a thousandth too small."""
    rows = [torch.linalg.vector_norm(weight.grad, dim=-1).view(-1) for weight in weights]
    norm = torch.linalg.vector_norm(torch.cat(rows))
    scale = torch.clamp(limit / (norm + 1e-6), max=1.0)
    for weight in weights:
        weight.grad.mul_(scale)
    return norm


class Model:
    """A network in one mode, with its text and its optimiser."""

    def __init__(self, network, streams, tensors, mode, lr, clip):
        self.steps, self.streams, self.mode = network["task"]["input"][0], streams, mode
        self.tensors, self.clip = tensors, clip
        self.weights = []  # what is learned
        self.places = {}  # by the name of a stored tensor: the learned one that has it, and where
        self.states = {}  # by layer: the names and values of its states
        self.functions = []
        nodes = {node["name"]: node for node in network["nodes"]}
        chain = [network["output"]]
        while nodes[chain[0]]["inputs"][0] != "input":
            chain.insert(0, nodes[chain[0]]["inputs"][0])
        for name in chain:
            self.functions.append(getattr(self, nodes[name]["op"])(nodes[name]))
        self.optimizer = torch.optim.SGD(self.weights, lr=lr)
        if "tokens" in tensors:
            self.tokens = tensors["tokens"].long()
        self.restart()

    # Every method below makes the function of an operation.

    def learn(self, parts, joined):
        """A learned tensor that joins the stored ones. Parts says where each
        lies: {name: function from the learned tensor to a view of it}."""
        weight = torch.nn.Parameter(joined.contiguous().clone())
        self.weights.append(weight)
        for name, view in parts.items():
            self.places[name] = (weight, view)
        return weight

    def embedding(self, node):
        name = node["name"] + ".weight"
        table = self.learn({name: lambda w: w}, self.tensors[name])
        return lambda tokens: F.embedding(tokens, table)

    def dense(self, node):
        name = node["name"]
        if node.get("tied"):
            weight, _ = self.places[node["tied"] + ".weight"]
        else:
            weight = self.learn({name + ".weight": torch.t}, self.tensors[name + ".weight"].t())
        bias = self.learn({name + ".bias": lambda b: b}, self.tensors[name + ".bias"]) if node.get("bias") else None
        return lambda x: F.linear(x, weight, bias)

    def recurrent(self, node):
        name, units, script = node["name"], node["units"], self.mode == "script"
        cell = torch_cell.Cell(node["cell"])
        self.states[name] = (cell.states, [torch.zeros(self.streams, units) for _ in cell.states])
        if self.mode == "lstm":
            return self.native(name, units)
        layer = compiled(cell.layer(units), "layer", script)
        biased = {node["name"] for node in node["cell"]["nodes"] if node.get("bias")}
        given = []
        for kind, source in cell.arguments():
            slots = cell.slots[source]
            if kind == "bias" and not biased.issuperset(slots):
                bias = self.join(name, kind, [slot for slot in slots if slot in biased], units)
                given.append(self.scatter(bias, slots, biased, units))
            else:
                given.append(lambda joined=self.join(name, kind, slots, units): joined)

        def window(x):
            y, *states = layer(x, *self.states[name][1], *[argument() for argument in given])
            self.states[name] = (cell.states, [state.detach() for state in states])
            return y

        return window

    def join(self, layer, kind, slots, units):
        """The weights or biases of slots as one learned tensor."""
        stored, parts = [], {}
        for k, slot in enumerate(slots):
            name = f"{layer}.{slot}.{kind}"
            if kind == "weight":
                stored.append(self.tensors[name].t())
                parts[name] = lambda w, k=k: w[k * units : (k + 1) * units].t()
            else:
                stored.append(self.tensors[name])
                parts[name] = lambda b, k=k: b[k * units : (k + 1) * units]
        return self.learn(parts, torch.cat(stored))

    @staticmethod
    def scatter(bias, slots, biased, units):
        """A function that yields the bias of all slots, 0 where there is none."""

        def whole():
            pieces, zero = iter(bias.split(units)), torch.zeros(units)
            return torch.cat([next(pieces) if slot in biased else zero for slot in slots])

        return whole

    def native(self, name, units):
        """The layer as nn.LSTM, whose second bias stays 0."""
        of_x, of_h = ["x_" + gate for gate in GATES], ["h_" + gate for gate in GATES]
        lstm = torch.nn.LSTM(self.tensors[f"{name}.{of_x[0]}.weight"].shape[0], units)
        lstm.weight_ih_l0 = self.join(name, "weight", of_x, units)
        lstm.weight_hh_l0 = self.join(name, "weight", of_h, units)
        lstm.bias_ih_l0 = self.join(name, "bias", of_x, units)
        torch.nn.init.zeros_(lstm.bias_hh_l0)
        lstm.bias_hh_l0.requires_grad_(False)

        def window(x):
            names, (h, c) = self.states[name]
            y, (h, c) = lstm(x, (h[None], c[None]))
            self.states[name] = (names, [h[0].detach(), c[0].detach()])
            return y

        return window

    # Training.

    def restart(self):
        """Back to the beginning of the text, with states of 0."""
        self.window = 0
        for _, states in self.states.values():
            for k, state in enumerate(states):
                states[k] = torch.zeros_like(state)

    def reset(self):
        """Back to the initial weights, too."""
        with torch.no_grad():
            for name, (weight, view) in self.places.items():
                view(weight).copy_(self.tensors[name])
        self.restart()

    def loss(self, tokens):
        """The loss, summed over the steps and averaged over the streams, of a
        window and what follows it: tokens are (T+1, N)."""
        x = tokens[:-1]
        for function in self.functions:
            x = function(x)
        return F.cross_entropy(x.flatten(0, 1), tokens[1:].flatten(), reduction="sum") / self.streams

    def backward(self, tokens):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(tokens)
        loss.backward()
        return loss.detach()

    def update(self):
        clip(self.weights, self.clip)
        self.optimizer.step()

    def next(self):
        """The next window, and the first after the last."""
        count = (len(self.tokens) - 1) // self.steps
        at = self.window % count * self.steps
        self.window += 1
        return self.tokens[at : at + self.steps + 1]

    def stored(self, of, prefix=""):
        """What a function yields of each weight, by the names of stored tensors."""
        return {prefix + name: view(of(weight)).detach().clone() for name, (weight, view) in self.places.items()}

    def check(self, windows):
        self.reset()
        losses = []
        for _ in range(windows):
            begin = time.perf_counter()
            losses.append(self.backward(self.next()))
            seconds = time.perf_counter() - begin
        found = self.stored(lambda weight: weight.grad)
        for layer, (names, states) in self.states.items():
            found.update({f"{layer}.{name}": state for name, state in zip(names, states)})
        return float(sum(losses)) / len(losses) / self.steps, seconds, found

    def train(self, steps):
        seconds, losses = [], []
        for _ in range(steps):
            start = time.perf_counter()
            loss = self.backward(self.next())
            self.update()
            seconds.append(time.perf_counter() - start)
            losses.append(loss)
        return seconds, [float(loss) / self.steps for loss in losses]

    def record(self):
        loss = self.backward(self.next())
        found = self.stored(lambda weight: weight.grad)
        norm = clip(self.weights, self.clip)
        self.optimizer.step()
        found.update(self.stored(lambda weight: weight, "after."))
        found["norm"] = norm.reshape(1)
        return float(loss) / self.steps, found

    def windows(self, text):
        """The windows of a text that is cut into streams, the last shorter."""
        self.restart()
        length = (len(text) - 1) // self.streams
        starts = torch.arange(self.streams) * length
        for at in range(0, length, self.steps):
            count = min(self.steps, length - at)
            yield text[starts + torch.arange(at, at + count + 1)[:, None]]

    def epoch(self, train, valid, lr):
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        start, total, count = time.perf_counter(), 0.0, 0
        for tokens in self.windows(train):
            total += float(self.backward(tokens))
            count += len(tokens) - 1
            self.update()
        seconds, trained = time.perf_counter() - start, total / count
        total = count = 0
        with torch.no_grad():
            for tokens in self.windows(valid):
                total += float(self.loss(tokens))
                count += len(tokens) - 1
        return {"train": trained, "valid": total / count, "seconds": seconds}


class LanguageModels(torch_peer.Session):
    """The answers to the commands. The children are models, by mode."""

    def load(self, command):
        self.free(command)
        network, tensors = command["network"], torch_peer.read_tensors(command["tensors"])
        modes = ["eager", "script"]
        if all(is_lstm(node["cell"]) for node in network["nodes"] if node["op"] == "recurrent"):
            modes.insert(0, "lstm")
        for mode in modes:
            self.children[mode] = Model(network, command["streams"], tensors, mode, command["lr"], command["clip"])
        return {"modes": modes}

    def check(self, command):
        loss, seconds, found = self.children[command["mode"]].check(command["windows"])
        torch_peer.write_tensors(command["tensors"], found)
        return {"loss": loss, "seconds": seconds}

    def train(self, command):
        seconds, losses = self.children[command["mode"]].train(command["steps"])
        return {"seconds": seconds, "losses": losses}

    def record(self, command):
        loss, found = self.children[command["mode"]].record()
        torch_peer.write_tensors(command["tensors"], found)
        return {"loss": loss}

    def corpus(self, command):
        tensors = torch_peer.read_tensors(command["tensors"])
        self.text = tensors["train"].long(), tensors["valid"].long()
        return {}

    def epoch(self, command):
        return self.children[command["mode"]].epoch(*self.text, command["lr"])

    def cell(self, command):
        cell, units = torch_cell.Cell(command["cell"]), command["units"]
        tensors = torch_peer.read_tensors(command["tensors"])
        given = []
        for source, slots in cell.slots.items():
            whole = torch.cat([tensors[name] for name in slots], 1)
            given += whole.split_with_sizes([count * units for _, count in cell.pieces(source)], 1)
        given += [tensors[state] for state in cell.states]
        step = compiled(cell.step(units), "step", False)
        best, end = float("inf"), time.perf_counter() + command["seconds"]
        with torch.no_grad():
            while time.perf_counter() < end:
                start = time.perf_counter()
                for _ in range(20):
                    states = step(*given)
                best = min(best, (time.perf_counter() - start) / 20)
        torch_peer.write_tensors(command["answer"], dict(zip(cell.states, [states] if len(cell.states) == 1 else states)))
        return {"seconds": best}


COMMANDS = ("describe", "load", "check", "train", "record", "corpus", "epoch", "cell", "free")

if __name__ == "__main__":
    torch_peer.serve(LanguageModels(), COMMANDS)
