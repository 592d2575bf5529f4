package report

import (
	"math"
	"testing"
	"time"
)

func TestCount(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", 950: "950", 999: "999", 1000: "1.0k", 9949: "9.9k", 9950: "9.9k", 9951: "10.0k", 15_640: "15.6k", 99_949: "99.9k",
		99_951: "100k", 152_000: "152k", 999_499: "999k", 999_501: "1.0M", 4_201_630: "4.2M", 1_300_000_000: "1.3G",
		2_000_000_000_000: "2.0T", math.MaxInt64: "9.2E", -1500: "-1.5k", math.MinInt64: "-9.2E",
	} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}

// TestCountIsNarrow: columns of counts rely on at most five cells.
func TestCountIsNarrow(t *testing.T) {
	for n := int64(1); n < math.MaxInt64/3; n += n/10 + 1 {
		if got := Count(n); len(got) > 5 {
			t.Errorf("Count(%d) = %q is wider than five cells", n, got)
		}
	}
}

func TestScaledKeepsDecimals(t *testing.T) {
	for n, want := range map[int64]string{4_298_000_000: "4.30G", 9_996_000: "10.0M", 830_000_000: "830M", 12: "12"} {
		if got := scaled(n, 2); got != want {
			t.Errorf("scaled(%d, 2) = %q, want %q", n, got, want)
		}
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 4_201_630: "4,201,630", -12_345: "-12,345"} {
		if got := Grouped(n); got != want {
			t.Errorf("Grouped(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestPercentAndNumber(t *testing.T) {
	for v, want := range map[float64]string{0.123: "12.3 %", 1: "100.0 %", -0.0001: "0.0 %", 0.9996: "100.0 %"} {
		if got := Percent(v); got != want {
			t.Errorf("Percent(%v) = %q, want %q", v, got, want)
		}
	}
	for v, want := range map[float64]string{
		0: "0.00", 0.00123: "0.00123", 0.0999: "0.0999", 0.09999: "0.100", 0.5: "0.500", 0.99951: "1.00", 1.5: "1.50", 12.34: "12.3", 99.96: "100", 1234: "1234", -0.25: "-0.250", 1e9: "1.00e+09", 1e-9: "1.00e-09",
	} {
		if got := Number(v); got != want {
			t.Errorf("Number(%v) = %q, want %q", v, got, want)
		}
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if Percent(v) != Unknown || Number(v) != Unknown {
			t.Errorf("%v is written %q and %q, want %q", v, Percent(v), Number(v), Unknown)
		}
	}
}

func TestSigned(t *testing.T) {
	for v, want := range map[float64]string{0: "0.0", 1.25: "+1.2", -3: "-3.0", 0.01: "+0.0", -0.01: "-0.0", nan: Unknown} {
		if got := signed(v, 1); got != want {
			t.Errorf("signed(%v) = %q, want %q", v, got, want)
		}
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 512: "512 B", 1023: "1023 B", 1024: "1.0 KiB", 1536 << 10: "1.5 MiB",
		9_940 << 10: "9.7 MiB", 10 << 20: "10 MiB", 22 << 30: "22 GiB", -2048: "-2.0 KiB", 1 << 62: "4.0 EiB",
	} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.00 ms", 350 * time.Microsecond: "0.35 ms", 350 * time.Millisecond: "350 ms", 999_600 * time.Microsecond: "1.0 s",
		12_340 * time.Millisecond: "12.3 s", 59_970 * time.Millisecond: "1m 00s", 245 * time.Second: "4m 05s",
		3599*time.Second + 700*time.Millisecond: "1h 00m", 7500 * time.Second: "2h 05m", 76 * time.Hour: "3d 04h", -time.Minute: "-1m 00s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%d) = %q, want %q", d, got, want)
		}
	}
}
