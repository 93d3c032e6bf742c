// Package merging knows what becomes of the values of two tickets that are made one, and of one that is taken apart again:
// how their threads are woven and parted, and what the target loses. It is pure; reading, rights and writing are not here.
package merging
