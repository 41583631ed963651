// Package pinyin turns the letters of pinyin, as they stand on a keyboard and without
// tones, into Chinese: it offers what they may mean, the likeliest first.
//
// It knows some 120,000 words with how common they are, every character with each of
// its readings, and lists of its own: places of Jilin City (local.txt), and family
// names, given names and rare characters of names (names.txt). Letters are cut into
// syllables in every way that gives words, and of all the ways to read the whole the
// most probable ones are kept. The last syllable may be unfinished.
//
// The words come from npm's @node-rs/jieba and the readings from pinyin-pro (both MIT;
// their licences stand beside). `make typing` makes words.txt.gz anew.
//
// A Dictionary holds about 3 MB.
package pinyin
