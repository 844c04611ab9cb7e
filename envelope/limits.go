package envelope

// Limits of signed and sealed bytes, beside sxp.MaxMessage, sxp.MaxDepth,
// sxp.MaxItems and sxp.MaxCountersignatures.
const (
	// MaxType is the longest type string in bytes, version included.
	MaxType = 64

	// MaxNesting is how many countersignatures stand on top of each other: a
	// member, its tribe, the tribe's bank, the bank's notary, and as many again.
	MaxNesting = 8

	// MaxAttributes is how many attributes one countersignature states.
	MaxAttributes = 16

	// MaxAttributeName is the longest name of an attribute, in bytes of UTF-8.
	MaxAttributeName = 64

	// MaxAttributeValue is the longest value of an attribute, in bytes of
	// UTF-8. What needs more belongs into a message of its own, named by digest.
	MaxAttributeValue = 1024

	// MaxRecipients is how many keys one sealed message is for: the largest
	// ring, a device and a watcher for each, and as many again. Each costs 1.2 KB.
	MaxRecipients = 64

	// MaxInfo is the longest context string of Seal in bytes.
	MaxInfo = 256

	// MaxView is the largest JSON view in bytes that FromJSON reads. Base64 and
	// field names make a message longer, white space for people more so.
	MaxView = 8 << 20
)
