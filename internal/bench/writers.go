package main

import "context"

func servedWriters(context.Context, *env) ([]result, error) { return nil, nil }
