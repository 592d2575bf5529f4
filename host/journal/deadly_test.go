package journal

import "os"

// Deadly returns files that kill this process, as kill -9 does, after so many
// bytes, in the middle of a write.
func Deadly(bytes int) Files { return &deadly{left: bytes} }

type deadly struct {
	disk
	left int
}

func (d *deadly) OpenAppend(name string) (File, error) { return d.file(d.disk.OpenAppend(name)) }
func (d *deadly) Create(name string) (File, error)     { return d.file(d.disk.Create(name)) }

func (d *deadly) file(f File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return &deadlyFile{f, d}, nil
}

type deadlyFile struct {
	File
	disk *deadly
}

func (f *deadlyFile) Write(b []byte) (int, error) {
	if f.disk.left -= len(b); f.disk.left >= 0 {
		return f.File.Write(b)
	}
	_, _ = f.File.Write(b[:len(b)+f.disk.left])
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic("journal: this process cannot kill itself")
	}
	select {} // until the signal arrives
}
