package pinyin

// Keys returns what is typed on the keys of a phone for letters.
var Keys = keys
