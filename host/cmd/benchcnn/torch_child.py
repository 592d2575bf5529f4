"""The PyTorch side of the benchmark of CNN children.

Its commands, beside those that torch_peer answers itself:

  {"do": "load", "network": N, "tensors": PATH, "norm": {...}, "optimizer": {...}}
      build the network N (the format of package spec) in every layout from the
      weights in the file, which also holds the batch: "input" and "labels"
  {"do": "check", "layout": L, "images": [FROM, TO], "raise": R, "tensors": PATH}
      one forward and backward pass with these images of the batch from the
      initial statistics, every beta raised by R, without an update; the loss,
      and into the file the logits, gradients and running statistics
  {"do": "train", "layout": L, "steps": K}
      K steps of training; the seconds and the loss of each

Tensors have the layouts of package child: a convolution's weight is
(KH, KW, C/groups, F), a dense layer's (C, U), a batch (N, H, W, C).
"""

import time

import torch
import torch.nn.functional as F
import torch_peer

LAYOUTS = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}


def window(size, kernel, stride, dilation, padding):
    """Output positions along one axis, and the padding before and after."""
    extent = (kernel - 1) * dilation + 1
    if padding == "valid":
        return (size - extent) // stride + 1, 0, 0
    out = -(-size // stride)
    total = max((out - 1) * stride + extent - size, 0)
    return out, total // 2, total - total // 2


class Child:
    """A network in one memory layout, with its batch and its optimiser."""

    def __init__(self, network, tensors, norm, optimizer, layout):
        self.nodes = {node["name"]: node for node in network["nodes"]}
        self.output = network["output"]
        self.tensors = tensors
        self.norm = norm
        self.format = LAYOUTS[layout]
        self.parameters = {}  # by name: the tensor, and the permutation into the stored layout
        self.statistics = {}
        self.shapes = {"input": network["task"]["input"]}
        self.order = []
        self.sort(self.output)
        self.readers = {name: 0 for name in self.shapes}
        for name in self.order:
            for source in self.nodes[name]["inputs"]:
                self.readers[source] = self.readers.get(source, 0) + 1
        self.steps = []
        for name in self.order:
            node = self.nodes[name]
            self.steps.append((name, getattr(self, node["op"])(node), node["inputs"], []))
        self.drop_early()
        self.input = tensors["input"].permute(0, 3, 1, 2).contiguous(memory_format=self.format)
        self.labels = tensors["labels"].long()
        self.optimizer = torch.optim.SGD(
            [p for p, _ in self.parameters.values()],
            lr=optimizer["lr"],
            momentum=optimizer["momentum"],
            weight_decay=optimizer["weight_decay"],
            nesterov=True,
        )

    def sort(self, name):
        """Appends to the order the nodes that a node needs, and itself."""
        if name == "input" or name in self.order:
            return
        for source in self.nodes[name]["inputs"]:
            self.sort(source)
        self.order.append(name)

    def drop_early(self):
        """Lets every value go after its last reader, so that only what
        backward needs stays in memory."""
        seen = {"input", self.output}
        for _, _, inputs, dead in reversed(self.steps):
            dead.extend(source for source in set(inputs) - seen)
            seen.update(inputs)

    def forward(self, x):
        values = {"input": x}
        for name, function, inputs, dead in self.steps:
            values[name] = function(*[values[source] for source in inputs])
            for source in dead:
                del values[source]
        return values[self.output]

    def backward(self, x, labels):
        """The loss and the logits; the gradients are those of this batch."""
        self.optimizer.zero_grad(set_to_none=True)
        logits = self.forward(x)
        loss = F.cross_entropy(logits, labels)
        loss.backward()
        return loss.detach(), logits.detach()

    def check(self, start, end, rise):
        """The loss, the seconds it took, and what is compared, by name."""
        for name, statistic in self.statistics.items():
            statistic.copy_(self.tensors[name])
        for name, (parameter, _) in self.parameters.items():
            if name.endswith(".beta"):
                parameter.data.copy_(self.tensors[name] + rise)
        x, labels = self.input[start:end], self.labels[start:end]
        begin = time.perf_counter()
        loss, logits = self.backward(x, labels)
        seconds = time.perf_counter() - begin
        found = {"logits": logits}
        for name, (parameter, stored) in self.parameters.items():
            gradient = parameter.grad
            found[name] = gradient.permute(stored) if stored else gradient
        found.update(self.statistics)
        return float(loss), seconds, found

    def train(self, steps):
        seconds, losses = [], []
        for _ in range(steps):
            start = time.perf_counter()
            loss, _ = self.backward(self.input, self.labels)
            self.optimizer.step()
            seconds.append(time.perf_counter() - start)
            losses.append(loss)
        return seconds, [float(loss) for loss in losses]

    # Every method below makes the function of an operation, and notes the shape
    # of its output for one example: [H, W, C] or [C].

    def parameter(self, name, permutation=None, stored=None):
        tensor = self.tensors[name]
        if permutation:
            tensor = tensor.permute(permutation)
        tensor = tensor.clone(memory_format=torch.contiguous_format)
        if tensor.dim() == 4:
            tensor = tensor.contiguous(memory_format=self.format)
        tensor.requires_grad_()
        self.parameters[name] = (tensor, stored)
        return tensor

    def window(self, node, channels):
        """Stride, dilation and padding of a node: what the operation pads
        itself, and what has to be padded before (left, right, top, bottom)."""
        height, width, _ = self.shapes[node["inputs"][0]]
        kernel, stride = node["kernel"], node.get("stride", [1, 1])
        dilation, padding = node.get("dilation", [1, 1]), node.get("padding", "same")
        rows, top, bottom = window(height, kernel[0], stride[0], dilation[0], padding)
        columns, left, right = window(width, kernel[1], stride[1], dilation[1], padding)
        self.shapes[node["name"]] = [rows, columns, channels]
        if top == bottom and left == right:
            return stride, dilation, (top, left), None
        return stride, dilation, (0, 0), (left, right, top, bottom)

    def conv2d(self, node):
        name, groups = node["name"], node.get("groups", 1)
        stride, dilation, padding, before = self.window(node, node["filters"])
        weight = self.parameter(name + ".weight", (3, 2, 0, 1), (2, 3, 1, 0))
        bias = self.parameter(name + ".bias") if node.get("bias") else None

        def convolve(x):
            if before:
                x = F.pad(x, before)
            return F.conv2d(x, weight, bias, stride, padding, dilation, groups)

        return convolve

    def maxpool(self, node):
        channels = self.shapes[node["inputs"][0]][2]
        stride, _, padding, before = self.window(node, channels)

        def pool(x):
            if before:
                x = F.pad(x, before, value=-float("inf"))
            return F.max_pool2d(x, node["kernel"], stride, padding)

        return pool

    def avgpool(self, node):
        height, width, channels = self.shapes[node["inputs"][0]]
        stride, _, padding, before = self.window(node, channels)
        if not before:
            return lambda x: F.avg_pool2d(x, node["kernel"], stride, padding, count_include_pad=False)
        ones = F.pad(torch.ones(1, 1, height, width), before)
        counts = F.avg_pool2d(ones, node["kernel"], stride, divisor_override=1)
        return lambda x: F.avg_pool2d(F.pad(x, before), node["kernel"], stride, divisor_override=1) / counts

    def batchnorm(self, node):
        name = node["name"]
        self.shapes[name] = self.shapes[node["inputs"][0]]
        gamma, beta = self.parameter(name + ".gamma"), self.parameter(name + ".beta")
        mean, variance = self.tensors[name + ".mean"].clone(), self.tensors[name + ".variance"].clone()
        self.statistics[name + ".mean"], self.statistics[name + ".variance"] = mean, variance
        epsilon, momentum = self.norm["epsilon"], self.norm["momentum"]
        return lambda x: F.batch_norm(x, mean, variance, gamma, beta, True, momentum, epsilon)

    def activation(self, node):
        source = node["inputs"][0]
        self.shapes[node["name"]] = self.shapes[source]
        # Working in place saves memory and time where nobody else reads the
        # input, and the operation before it does not need its output.
        alone = self.readers[source] == 1 and source in self.nodes
        if node["func"] == "relu" and alone and self.nodes[source]["op"] in ("conv2d", "batchnorm"):
            return lambda x: F.relu(x, inplace=True)
        return {
            "relu": torch.relu,
            "tanh": torch.tanh,
            "sigmoid": torch.sigmoid,
            "sin": torch.sin,
            "identity": lambda x: x,
        }[node["func"]]

    def concat(self, node):
        shapes = [self.shapes[source] for source in node["inputs"]]
        if len(shapes[0]) == 1:
            self.shapes[node["name"]] = [sum(shape[0] for shape in shapes)]
            return lambda *maps: torch.cat(maps, 1)
        rows, columns = max(s[0] for s in shapes), max(s[1] for s in shapes)
        self.shapes[node["name"]] = [rows, columns, sum(s[2] for s in shapes)]
        frames = []
        for height, width, _ in shapes:
            top, left = (rows - height) // 2, (columns - width) // 2
            frames.append((left, columns - width - left, top, rows - height - top))

        def join(*maps):
            return torch.cat([F.pad(x, f) if any(f) else x for x, f in zip(maps, frames)], 1)

        return join

    def add(self, node):
        self.shapes[node["name"]] = self.shapes[node["inputs"][0]]

        def total(first, *others):
            for x in others:
                first = first + x
            return first

        return total

    def global_avgpool(self, node):
        self.shapes[node["name"]] = self.shapes[node["inputs"][0]][2:]
        return lambda x: F.adaptive_avg_pool2d(x, 1).flatten(1)

    def flatten(self, node):
        height, width, channels = self.shapes[node["inputs"][0]]
        self.shapes[node["name"]] = [height * width * channels]
        return lambda x: x.permute(0, 2, 3, 1).flatten(1)

    def dense(self, node):
        shape = self.shapes[node["inputs"][0]]
        self.shapes[node["name"]] = shape[:-1] + [node["units"]]
        weight = self.parameter(node["name"] + ".weight", (1, 0), (1, 0))
        bias = self.parameter(node["name"] + ".bias") if node.get("bias") else None
        if len(shape) == 1:
            return lambda x: F.linear(x, weight, bias)
        return lambda x: F.linear(x.permute(0, 2, 3, 1), weight, bias).permute(0, 3, 1, 2)


class Cnn(torch_peer.Session):
    """The answers to the commands."""

    def load(self, command):
        self.free(command)
        tensors = torch_peer.read_tensors(command["tensors"])
        for layout in LAYOUTS:
            self.children[layout] = Child(command["network"], tensors, command["norm"], command["optimizer"], layout)
        return {}

    def check(self, command):
        loss, seconds, found = self.children[command["layout"]].check(*command["images"], command["raise"])
        torch_peer.write_tensors(command["tensors"], found)
        return {"loss": loss, "seconds": seconds}

    def train(self, command):
        seconds, losses = self.children[command["layout"]].train(command["steps"])
        return {"seconds": seconds, "losses": losses}


COMMANDS = ("describe", "load", "check", "train", "free")

if __name__ == "__main__":
    torch_peer.serve(Cnn(), COMMANDS)
