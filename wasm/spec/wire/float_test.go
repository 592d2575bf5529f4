package wire

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// checkFloat compares parseFloat with strconv for a number in JSON syntax.
func checkFloat(t *testing.T, text string) {
	t.Helper()
	want, err := strconv.ParseFloat(text, 64)
	got, problem := parseFloat(text)
	if errors.Is(err, strconv.ErrRange) {
		if problem == "" {
			t.Errorf("parseFloat(%s) = %g, want an overflow", text, got)
		}
		return
	}
	if problem != "" || math.Float64bits(got) != math.Float64bits(want) {
		t.Errorf("parseFloat(%s) = %x, %q, want %x", text, got, problem, want)
	}
}

func TestParseFloat(t *testing.T) {
	for _, text := range []string{
		"0", "-0", "0.0", "0e5", "0.000e-400", "1", "-1.5", "10", "100000000000000000000000", "123456789012345678",
		"9007199254740992", "9007199254740993", "9007199254740994", "9007199254740995", "1e22", "1e23", "8.5e22",
		"1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308", "1e308", "1e309", "2e308", "1e400", "1e99999999999",
		"5e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "2e-324", "3e-324", "1e-400", "1e-99999999999",
		"2.2250738585072014e-308", "2.2250738585072011e-308", "2.225073858507201e-308", "4.4501477170144023e-308",
		"0.1", "0.3", "0.000001", "1e-7", "3.141592653589793238462643383279502884197169399375105820974944592",
		"6.631236846766476e-316", "3.2378839133029012895883524125015321748630094345642e-319", "1090544144181609348835077142190",
		"1797693134862315807937289714053034150799341327100378269361737789e245", "0.5e1", "500e-2", "1E+2", "1e0001",
	} {
		checkFloat(t, text)
	}
	if _, problem := parseFloat(strings.Repeat("7", 65)); problem == "" {
		t.Error("65 digits were accepted")
	}
}

// TestParseFloatRandom takes random doubles, their neighbours' midpoints, and
// random digits.
func TestParseFloatRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		v := math.Abs(math.Float64frombits(r.Uint64()))
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		checkFloat(t, strconv.FormatFloat(v, 'e', -1, 64))
		checkFloat(t, strconv.FormatFloat(v, 'e', 14+r.IntN(48), 64))
		checkFloat(t, strconv.FormatFloat(r.Float64(), 'f', -1, 64))
		checkFloat(t, strconv.FormatUint(r.Uint64(), 10)+"e"+strconv.Itoa(r.IntN(700)-350))
		// Half way between two subnormal or small doubles is exact in few digits.
		checkFloat(t, strconv.FormatUint(1<<53+r.Uint64N(1<<53)|1, 10)+strconv.Itoa(r.IntN(10)))
	}
}

func FuzzParseFloat(f *testing.F) {
	f.Add("1.5e-7")
	f.Fuzz(func(t *testing.T, text string) {
		var v float64
		if json.Unmarshal([]byte(text), &v) != nil && !json.Valid([]byte(text)) {
			return
		}
		d := NewDecoder([]byte(text))
		if d.Kind() != Number {
			return
		}
		number, _ := d.number()
		if _, digits, _ := scan(number); len(digits) <= maxDigits {
			checkFloat(t, number)
		}
	})
}
