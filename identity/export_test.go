package identity

// English is the word list, for tests.
var English = english
