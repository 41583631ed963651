package rig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// kernelPackage depends on Debian's newest arm64 kernel. The smaller one for
// clouds lacks USB gadgets, usblp and the watchdog.
const kernelPackage = "linux-image-arm64"

// kernel is an unpacked kernel package.
type kernel struct {
	image   string // file that boots
	modules string // folder of its modules
}

// fetch returns the kernel from the cache, which it fills first where it is empty.
// apt works in folders of its own, with arm64 as its only architecture: nothing of
// this machine's packages is touched, and no right is needed.
func fetch(ctx context.Context) (kernel, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return kernel{}, fmt.Errorf("where to keep the kernel: %w; set HOME or XDG_CACHE_HOME", err)
	}
	cache = filepath.Join(cache, "redstation-rig")
	// By what was kept of it, so that a machine with other needs gets another.
	kept := filepath.Join(cache, fmt.Sprintf("kernel-%08x", crc32.ChecksumIEEE([]byte(strings.Join(wanted(), " ")))))
	if k, err := findKernel(kept); err == nil {
		return k, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return kernel{}, err
	}
	work, err := os.MkdirTemp(cache, "fetching")
	if err != nil {
		return kernel{}, err
	}
	defer os.RemoveAll(work)
	if err := download(ctx, work); err != nil {
		return kernel{}, fmt.Errorf("fetch Debian's %s: %w", kernelPackage, err)
	}
	fetched := filepath.Join(work, "kernel")
	k, err := findKernel(fetched)
	if err != nil {
		return kernel{}, err
	}
	if err := prune(k); err != nil {
		return kernel{}, err
	}
	// Whole or not at all; where another test was quicker, its copy is as good.
	if err := os.Rename(fetched, kept); err != nil && !errors.Is(err, os.ErrExist) {
		return kernel{}, err
	}
	return findKernel(kept)
}

// findKernel looks into an unpacked package.
func findKernel(dir string) (kernel, error) {
	images, err := filepath.Glob(filepath.Join(dir, "boot", "vmlinuz-*"))
	if err != nil || len(images) != 1 {
		return kernel{}, fmt.Errorf("%s holds %d kernels", dir, len(images))
	}
	version := strings.TrimPrefix(filepath.Base(images[0]), "vmlinuz-")
	for _, lib := range []string{"lib", "usr/lib"} {
		modules := filepath.Join(dir, lib, "modules", version)
		if _, err := os.Stat(modules); err == nil {
			return kernel{images[0], modules}, nil
		}
	}
	return kernel{}, fmt.Errorf("%s holds no modules of kernel %s", dir, version)
}

// download leaves the unpacked package in dir/kernel.
func download(ctx context.Context, dir string) error {
	const config = `APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "";
Dir::State "%[1]s/state";
Dir::State::status "%[1]s/status";
Dir::Cache "%[1]s/cache";
`
	apt := filepath.Join(dir, "apt")
	for _, d := range []string{"state/lists/partial", "cache/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(apt, d), 0o755); err != nil {
			return err
		}
	}
	settings := filepath.Join(apt, "apt.conf")
	if err := errors.Join(os.WriteFile(filepath.Join(apt, "status"), nil, 0o644),
		os.WriteFile(settings, fmt.Appendf(nil, config, apt), 0o644)); err != nil {
		return err
	}
	env := "APT_CONFIG=" + settings
	if _, err := tool(ctx, dir, env, "apt-get", "update", "-q"); err != nil {
		return err
	}
	out, err := tool(ctx, dir, env, "apt-cache", "depends", kernelPackage)
	if err != nil {
		return err
	}
	_, name, ok := strings.Cut(out, "Depends: linux-image-")
	if !ok {
		return fmt.Errorf("apt knows no kernel that %s depends on:\n%s", kernelPackage, out)
	}
	name, _, _ = strings.Cut(name, "\n")
	if _, err := tool(ctx, dir, env, "apt-get", "download", "-q", "linux-image-"+strings.TrimSpace(name)); err != nil {
		return err
	}
	debs, err := filepath.Glob(filepath.Join(dir, "*.deb"))
	if err != nil || len(debs) != 1 {
		return fmt.Errorf("apt left %d packages, want 1", len(debs))
	}
	_, err = tool(ctx, dir, env, "dpkg-deb", "-x", debs[0], filepath.Join(dir, "kernel"))
	return err
}

// tool runs a program in dir and returns what it says on standard output. Its
// error holds what it said on standard error.
func tool(ctx context.Context, dir, env, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", env)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, args[0], err, bytes.TrimSpace(errs.Bytes()))
	}
	return string(out), nil
}
