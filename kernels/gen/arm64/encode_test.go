package arm64

import "testing"

// What GNU as and LLVM's assembler make of the instructions in Arm's own syntax.
func TestEncode(t *testing.T) {
	for _, c := range []struct {
		source string
		got    uint32
		want   uint32
	}{
		{"fadd v1.4s, v18.4s, v7.4s", encode("FADD", 1, 18, 7), 0x4e27d641},
		{"fadd v31.4s, v31.4s, v31.4s", encode("FADD", 31, 31, 31), 0x4e3fd7ff},
		{"fsub v1.4s, v18.4s, v7.4s", encode("FSUB", 1, 18, 7), 0x4ea7d641},
		{"fmul v1.4s, v18.4s, v7.4s", encode("FMUL", 1, 18, 7), 0x6e27de41},
		{"fdiv v1.4s, v18.4s, v7.4s", encode("FDIV", 1, 18, 7), 0x6e27fe41},
		{"fmax v1.4s, v18.4s, v7.4s", encode("FMAX", 1, 18, 7), 0x4e27f641},
		{"fmin v1.4s, v18.4s, v7.4s", encode("FMIN", 1, 18, 7), 0x4ea7f641},
		{"fmaxp v1.4s, v18.4s, v7.4s", encode("FMAXP", 1, 18, 7), 0x6e27f641},
		{"faddp v1.2d, v18.2d, v7.2d", encode("FADDP", 1, 18, 7) | double, 0x6e67d641},
		{"faddp v1.4s, v18.4s, v7.4s", encode("FADDP", 1, 18, 7), 0x6e27d641},
		{"fcmgt v1.4s, v18.4s, v7.4s", encode("FCMGT", 1, 18, 7), 0x6ea7e641},
		{"fcmeq v1.4s, v18.4s, v7.4s", encode("FCMEQ", 1, 18, 7), 0x4e27e641},
		{"fcmgt v1.4s, v18.4s, #0.0", encode("FCMGTZ", 1, 18, 0), 0x4ea0ca41},
		{"fcmlt v1.4s, v18.4s, #0.0", encode("FCMLTZ", 1, 18, 0), 0x4ea0ea41},
		{"fneg v1.4s, v18.4s", encode("FNEG", 1, 18, 0), 0x6ea0fa41},
		{"fabs v1.4s, v18.4s", encode("FABS", 1, 18, 0), 0x4ea0fa41},
		{"fsqrt v1.4s, v18.4s", encode("FSQRT", 1, 18, 0), 0x6ea1fa41},
		{"frintn v1.4s, v18.4s", encode("FRINTN", 1, 18, 0), 0x4e218a41},
		{"fcvtns v1.4s, v18.4s", encode("FCVTNS", 1, 18, 0), 0x4e21aa41},
		{"ucvtf v1.4s, v18.4s", encode("UCVTF", 1, 18, 0), 0x6e21da41},
		{"mul v1.4s, v18.4s, v7.4s", encode("MUL", 1, 18, 7), 0x4ea79e41},
		{"bic v1.16b, v18.16b, v7.16b", encode("BIC", 1, 18, 7), 0x4e671e41},
		{"fcvtl v1.2d, v18.2s", encode("FCVTL", 1, 18, 0), 0x0e617a41},
		{"fcvtl2 v1.2d, v18.4s", encode("FCVTL2", 1, 18, 0), 0x4e617a41},
		{"fcvtn v1.2s, v18.2d", encode("FCVTN", 1, 18, 0), 0x0e616a41},
		{"fcvtn2 v1.4s, v18.2d", encode("FCVTN2", 1, 18, 0), 0x4e616a41},
		{"fmla v1.4s, v18.4s, v7.s[0]", encodeElement("FMLAone", 1, 18, 7, 0), 0x4f871241},
		{"fmla v1.4s, v18.4s, v23.s[1]", encodeElement("FMLAone", 1, 18, 23, 1), 0x4fb71241},
		{"fmla v1.4s, v18.4s, v7.s[2]", encodeElement("FMLAone", 1, 18, 7, 2), 0x4f871a41},
		{"fmla v31.4s, v31.4s, v31.s[3]", encodeElement("FMLAone", 31, 31, 31, 3), 0x4fbf1bff},
		{"fmul v1.4s, v18.4s, v23.s[2]", encodeElement("FMULone", 1, 18, 23, 2), 0x4f979a41},
		{"fmls v1.4s, v18.4s, v23.s[3]", encodeElement("FMLSone", 1, 18, 23, 3), 0x4fb75a41},
		{"ldr q1, [x18, x7]", encode("LDRquad", 1, 18, 7), 0x3ce76a41},
		{"str q1, [x18, x7]", encode("STRquad", 1, 18, 7), 0x3ca76a41},
		{"fadd v1.2d, v18.2d, v7.2d", encode("FADD", 1, 18, 7) | double, 0x4e67d641},
		{"fmul v1.2d, v18.2d, v7.2d", encode("FMUL", 1, 18, 7) | double, 0x6e67de41},
		{"fcmeq v1.2d, v18.2d, v7.2d", encode("FCMEQ", 1, 18, 7) | double, 0x4e67e641},
		{"frintn v1.2d, v18.2d", encode("FRINTN", 1, 18, 0) | double, 0x4e618a41},
	} {
		if c.got != c.want {
			t.Errorf("%s is %#08x, want %#08x", c.source, c.got, c.want)
		}
	}
}

func TestEncodeRefusesWhatDoesNotExist(t *testing.T) {
	for name, f := range map[string]func(){
		"an instruction": func() { encode("FDOT", 0, 0, 0) },
		"a register":     func() { encode("FADD", 0, 32, 0) },
		"an element":     func() { encodeElement("FMLAone", 0, 0, 0, 4) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s that does not exist was encoded", name)
				}
			}()
			f()
		}()
	}
}
