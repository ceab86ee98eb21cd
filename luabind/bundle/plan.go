package bundle

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// A Plan says what goes into a bundle. The modules that the script requires are found by reading it, and
// theirs by reading them. A name is read where it stands in the source: require "name", or as what another
// function calls require with, as pcall(require, "name"), which needs neither the module to be there nor what that requires.
type Plan struct {
	Script  string            // the file
	Path    string            // where modules are, as luabind.Config has it
	Has     func(string) bool // modules that the program has; one along Path comes before
	Loaded  func(string) bool // modules that no file comes before, as those that are open in every engine
	Include []string          // modules beside those that are found; NAME.* is NAME and all below it
	Without []string          // modules that may be missing, though they are required

	notes   []string
	missing []error
	maybes  []maybe // in the order in which they were found
	bundle  Bundle
}

// A maybe is a module that the script looks for, and goes on without: neither it need be there nor what it requires.
type maybe struct{ where, module string }

// Make reads the sources. The notes say what has not been understood. The error names every module that isn't there.
func (p *Plan) Make() (b *Bundle, notes []string, err error) {
	source, err := readSource(p.Script)
	if err != nil {
		return nil, nil, err
	}
	p.bundle.Script = File{Name: p.Script, Source: source}
	if err := p.follow(p.bundle.Script, ""); err != nil {
		return nil, nil, err
	}
	for _, name := range p.Include {
		if err := p.include(name); err != nil {
			return nil, nil, err
		}
	}
	for i := 0; i < len(p.maybes); i++ { // what must be there has been found by now
		if err := p.look(p.maybes[i]); err != nil {
			return nil, nil, err
		}
	}
	if len(p.missing) > 0 {
		return nil, p.notes, errors.Join(p.missing...)
	}
	slices.SortFunc(p.bundle.Modules, byModule)
	return &p.bundle, p.notes, nil
}

// follow adds the modules that f requires. Where f is there for a maybe, that is in.
func (p *Plan) follow(f File, in string) error {
	list, err := requires(f)
	if err != nil && in != "" {
		p.notes = append(p.notes, fmt.Sprintf("%v; the script looks whether '%s' can be loaded", err, in))
		return nil
	}
	if err != nil {
		return err
	}
	for _, r := range list {
		where := fmt.Sprintf("%s:%d: ", f.Name, r.line)
		if r.module == "" {
			p.notes = append(p.notes, where+r.note)
			continue
		}
		if r.maybe {
			p.maybes = append(p.maybes, maybe{where, r.module})
			continue
		}
		found, err := p.add(r.module)
		var tried *notFound
		switch {
		case errors.As(err, &tried):
			p.lacks(where, r.module, in, err)
		case err != nil:
			return err
		case found != nil:
			if err := p.follow(*found, in); err != nil {
				return err
			}
		}
	}
	return nil
}

// look adds a maybe and what it requires, as far as that is there.
func (p *Plan) look(m maybe) error {
	found, err := p.add(m.module)
	var tried *notFound
	switch {
	case errors.As(err, &tried):
		p.lacks(m.where, m.module, m.module, err)
		return nil
	case err != nil || found == nil:
		return err
	}
	return p.follow(*found, m.module)
}

// lacks says, once, that a module isn't there: in an error, or, where it is there for a maybe, in a note.
func (p *Plan) lacks(where, module, in string, err error) {
	switch {
	case slices.Contains(p.Without, module):
		return
	case in == module:
		p.notes = append(p.notes, fmt.Sprintf("%smodule '%s' isn't there; the script looks whether it is", where, module))
	case in != "":
		p.notes = append(p.notes, fmt.Sprintf("%smodule '%s' isn't there; the script looks whether '%s' can be loaded", where, module, in))
	default:
		p.missing = append(p.missing, fmt.Errorf("%s%w\n\t(--without %s builds without it)", where, err, module))
	}
	p.Without = append(p.Without, module)
}

// add adds a module. It returns nil where there is nothing to read.
func (p *Plan) add(module string) (*File, error) {
	if p.Loaded(module) || slices.ContainsFunc(p.bundle.Modules, func(f File) bool { return f.Module == module }) {
		return nil, nil
	}
	tried := &notFound{module: module}
	for template := range strings.SplitSeq(p.Path, ";") {
		if template == "" {
			continue
		}
		name := strings.ReplaceAll(template, "?", strings.ReplaceAll(module, ".", "/"))
		source, err := readSource(name)
		switch {
		case err == nil:
			f := File{Module: module, Name: name, Source: source}
			p.bundle.Modules = append(p.bundle.Modules, f)
			return &f, nil
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) && !errors.Is(err, errDirectory): // require goes on; an app would lack it
			return nil, err
		}
		tried.files = append(tried.files, name)
	}
	if p.Has(module) {
		return nil, nil
	}
	return nil, tried
}

// include adds what --include names.
func (p *Plan) include(name string) error {
	prefix, all := strings.CutSuffix(name, ".*")
	found, err := p.add(prefix)
	if missing := (*notFound)(nil); all && errors.As(err, &missing) { // a directory alone
		err = nil
	}
	if err == nil && found != nil {
		err = p.follow(*found, "")
	}
	if err != nil || !all {
		return err
	}
	below := p.below(prefix)
	if found == nil && len(below) == 0 {
		return &notFound{module: name}
	}
	for _, module := range below {
		if err := p.include(module); err != nil {
			return err
		}
	}
	return nil
}

// below returns the modules whose names begin with prefix and a dot, in the first directory
// along the path that has some.
func (p *Plan) below(prefix string) []string {
	for template := range strings.SplitSeq(p.Path, ";") {
		before, after, ok := strings.Cut(template, "?")
		if !ok || after != ".lua" {
			continue
		}
		root := filepath.FromSlash(before + strings.ReplaceAll(prefix, ".", "/"))
		var list []string
		filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path.Ext(name) != ".lua" {
				return nil // what can't be read isn't there for require either
			}
			inner, _ := filepath.Rel(root, strings.TrimSuffix(name, ".lua"))
			inner = strings.TrimSuffix(filepath.ToSlash(inner), "/init")
			if inner != "init" && !strings.Contains(inner, ".") {
				list = append(list, prefix+"."+strings.ReplaceAll(inner, "/", "."))
			}
			return nil
		})
		if len(list) > 0 {
			return slices.Compact(slices.Sorted(slices.Values(list)))
		}
	}
	return nil
}

// notFound says that there is no such module, and where it was looked for.
type notFound struct {
	module string
	files  []string
}

func (n *notFound) Error() string {
	text := "module '" + n.module + "' not found"
	for i, file := range n.files {
		if i == 0 {
			text += ":"
		}
		text += "\n\tno file '" + file + "'"
	}
	return text
}

var errDirectory = errors.New("is a directory")

// readSource reads a source file.
func readSource(name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", fmt.Errorf("cannot open %s: %w", name, bare(err))
	}
	if info.IsDir() {
		return "", fmt.Errorf("cannot read %s: %w", name, errDirectory)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("cannot open %s: %w", name, bare(err))
	}
	return string(text), nil
}

// bare is an error of package os without the operation and the name.
func bare(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}
