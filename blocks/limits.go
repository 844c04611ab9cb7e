package blocks

import "sxp"

// Limits of the wire formats. They may grow in later releases, never shrink.
const (
	// MaxBlock is the longest block: a photo of 1280 pixels across, in WebP.
	MaxBlock = 128 << 10

	// MaxURL is the longest text of a URL.
	MaxURL = 1024
)

// Grace is how long a block stays that no announcement names, and how often it
// is looked at again whether one does: an agent puts the photo and then
// announces.
const Grace = sxp.Hour

// Defaults of [Limits].
const (
	// DefaultOwnerBlocks and DefaultOwnerBytes are what one person may have:
	// photos of some hundred announcements.
	DefaultOwnerBlocks = 512
	DefaultOwnerBytes  = 32 << 20

	// DefaultBytes is what all blocks of a node take.
	DefaultBytes = 1 << 30
)
