package child

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestRecipesAreValid(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	for _, name := range Presets() {
		r, ok := Preset(name)
		if !ok {
			t.Errorf("preset %q is listed, but unknown", name)
		}
		if err := r.Validate(); err != nil {
			t.Errorf("preset %s: %v", name, err)
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var back Recipe
		if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(r, back) {
			t.Errorf("preset %s came back from JSON as %+v, %v", name, back, err)
		}
	}
	if _, ok := Preset("nonsense"); ok {
		t.Error("an unknown preset was found")
	}
	paper, _ := Preset("cifar-paper")
	if !reflect.DeepEqual(paper, Default()) {
		t.Error("the default is not the paper's recipe")
	}
}

// TestValidate spoils everything at once: every fault is reported.
func TestValidate(t *testing.T) {
	r := Recipe{
		Epochs: 0, Batch: -1, ClipNorm: math.NaN(), MemoryBytes: -1, LatencyRuns: -1,
		Optimizer: Optimizer{Name: "nesterov", LR: 0, Momentum: 1, WeightDecay: -1, Decay: "some"},
		Schedule:  Schedule{Name: "step", Milestones: []float64{0.5, 0.5, 1}, Factor: 0, WarmupEpochs: math.Inf(1)},
		Augment:   Augment{Whiten: "bleach", Upsample: -1, CenterCrop: true},
		BatchNorm: BatchNorm{Epsilon: 0, Momentum: 1.5},
	}
	faults := []string{
		"epochs", "batch is", "clip_norm", "memory_bytes", "latency_runs",
		"optimizer.lr", "optimizer.momentum", "optimizer.weight_decay", "optimizer.decay",
		"schedule.milestones[1]", "schedule.milestones[2]", "schedule.factor", "schedule.warmup_epochs",
		"augment.whiten", "augment.upsample is", "augment.center_crop", "batch_norm.epsilon", "batch_norm.momentum",
	}
	lines := strings.Split(r.Validate().Error(), "\n")
	if len(lines) != len(faults) {
		t.Errorf("%d faults are reported, want %d:\n%s", len(lines), len(faults), strings.Join(lines, "\n"))
	}
	for _, fault := range faults {
		if !strings.Contains(strings.Join(lines, "\n"), "recipe: "+fault) {
			t.Errorf("nothing is said of %s", fault)
		}
	}
	for want, spoil := range map[string]func(r *Recipe){
		"optimizer.beta1":           func(r *Recipe) { r.Optimizer.Name, r.Optimizer.Beta1 = "adam", 1 },
		"optimizer.beta2":           func(r *Recipe) { r.Optimizer.Name, r.Optimizer.Beta2 = "adam", -1 },
		"optimizer.epsilon":         func(r *Recipe) { r.Optimizer.Name, r.Optimizer.Epsilon = "adam", 0 },
		`optimizer.name is "x"`:     func(r *Recipe) { r.Optimizer.Name = "x" },
		"optimizer.momentum is 0":   func(r *Recipe) { r.Optimizer.Momentum = 0 },
		`schedule.name is "x"`:      func(r *Recipe) { r.Schedule.Name = "x" },
		"schedule.warmup_epochs is": func(r *Recipe) { r.Schedule.WarmupEpochs = 50 },
		"init_range is -1":          func(r *Recipe) { r.InitRange = -1 },
		"text.steps is 0":           func(r *Recipe) { r.Text.Loss = "sum" },
		"text.steps is 65537":       func(r *Recipe) { r.Text = Text{Steps: 65537, Loss: "sum"} },
		`text.loss is ""`:           func(r *Recipe) { r.Text.Steps = 35 },
		"is 0, want an epoch from":  func(r *Recipe) { r.Optimizer.Name = "asgd" },
		"from 1 to 50":              func(r *Recipe) { r.Optimizer.Name, r.Optimizer.AverageFrom = "asgd", 51 },
		"which only asgd has":       func(r *Recipe) { r.Optimizer.AverageFrom = 3 },
		"schedule.factor is 2":      func(r *Recipe) { r.Schedule = Schedule{Name: "decay", Factor: 2} },
		"schedule.constant_epochs":  func(r *Recipe) { r.Schedule = Schedule{Name: "decay", Factor: 1, ConstantEpochs: -1} },
	} {
		r := Default()
		spoil(&r)
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// TestOldRecipes: what was stored before recipes had a part for texts reads as
// the same recipe, and one for images is stored without such a part.
func TestOldRecipes(t *testing.T) {
	const stored = `{"epochs":50,"batch":64,"optimizer":{"name":"nesterov","lr":0.1,"momentum":0.9,"weight_decay":0.0001,"decay":"all",` +
		`"beta1":0.9,"beta2":0.999,"epsilon":1e-8},"schedule":{"name":"step","milestones":[0.5,0.75],"factor":0.1},` +
		`"augment":{"whiten":"standardize","upsample":40,"center_crop":true,"flip":true},"batch_norm":{"epsilon":0.00001,"momentum":0.1},` +
		`"clip_norm":0,"memory_bytes":2147483648,"latency_runs":0}`
	var r Recipe
	if err := json.Unmarshal([]byte(stored), &r); err != nil || !reflect.DeepEqual(r, Default()) {
		t.Errorf("read %+v, %v", r, err)
	}
	if text, err := json.Marshal(r); err != nil || string(text) != stored {
		t.Errorf("stored as %s, %v", text, err)
	}
}
