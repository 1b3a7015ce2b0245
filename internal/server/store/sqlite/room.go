package sqlite

import (
	"errors"
	"path/filepath"
)

// A disk has too little room when both less than minShare of it and less than minRoom are free.
const (
	minShare = 20 // one twentieth
	minRoom  = 1 << 30
)

var errRoom = errors.New("the database's disk is almost full")

// roomBeside reports whether the disk that the file is on has room for it to grow.
func roomBeside(file string) error {
	free, size, err := diskOf(filepath.Dir(file))
	if err != nil || size == 0 {
		return err
	}
	if free < size/minShare && free < minRoom {
		return errRoom
	}
	return nil
}
