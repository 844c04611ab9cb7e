package market

import "sxp"

// Limits of the wire formats of this package. Lengths are in bytes of UTF-8.
// They may grow in later releases, never shrink. Limits that an operator may
// choose are in [Config].
const (
	// MaxTitle is the longest title: two lines of a phone.
	MaxTitle = 160

	// MaxText is the longest description: three printed pages.
	MaxText = 8192

	// MaxCategory is the longest category path, slashes included.
	MaxCategory = 128

	// MaxCategoryDepth is how many names a category path has.
	MaxCategoryDepth = 8

	// MaxAttributes is how many attributes an item has.
	MaxAttributes = 32

	// MaxAttributeName is the longest name of an attribute.
	MaxAttributeName = 32

	// MaxAttributeValue is the longest value of an attribute.
	MaxAttributeValue = 256

	// MaxUnit is the longest unit.
	MaxUnit = 16

	// MaxCurrency is the longest name of a currency.
	MaxCurrency = 32

	// MaxPlace is the longest place.
	MaxPlace = 160

	// MaxPhotos is how many photos an item has.
	MaxPhotos = 4

	// MaxNear is the largest distance of a query in kilometres: half the
	// circumference of the earth. It holds for every point.
	MaxNear = 20_015

	// MaxServiceTime is the longest service: a job of ten years.
	MaxServiceTime = 3660 * sxp.Day

	// MaxWords is the longest text of words in a query.
	MaxWords = 256

	// MaxQueryWords is how many words one query has, all alternatives together.
	MaxQueryWords = 32

	// MaxWants is how many alternatives one announcement or group accepts. The
	// longest want list known of a real trade has 1,300.
	MaxWants = 4096

	// MaxAnnouncement is the longest signed announcement or group: MaxWants
	// explicit wants fit.
	MaxAnnouncement = 256 << 10

	// MaxLife is the longest time from creation to expiry of an announcement,
	// a group or a charter's invitation: what nobody renews disappears.
	MaxLife = 400 * sxp.Day

	// MaxFounders is how many founders countersign a charter
	// ([sxp.MaxCountersignatures] is the bound of one message).
	MaxFounders = sxp.MaxCountersignatures

	// MaxCategories is how many categories a charter lists.
	MaxCategories = 512

	// MaxLevies is how many levies a market's policy has.
	MaxLevies = 16

	// MaxRateDigits is how many digits the percentage of a levy has after the
	// point.
	MaxRateDigits = 4

	// MaxNeighbours is how many other markets a charter names.
	MaxNeighbours = 64

	// MaxRingItems is the longest ring that a charter allows: one item of each
	// party of the largest contract.
	MaxRingItems = sxp.MaxParties

	// MinRound and MaxRound bound the time between two rounds of a market.
	MinRound = sxp.Minute
	MaxRound = 100 * sxp.Day

	// MaxSourceTransfer is the highest number of a transfer that a Source names:
	// no contract has more.
	MaxSourceTransfer = 5 * sxp.MaxParties

	// MaxInvited is how many people a charter invites.
	MaxInvited = 8192

	// MaxAddress is the longest address of a node.
	MaxAddress = 512

	// MaxLink is the longest link to a market.
	MaxLink = 2048

	// MaxMail is the longest signed mail, seal included.
	MaxMail = 512 << 10

	// MaxMailLife is how long a board keeps mail that nobody fetches.
	MaxMailLife = 30 * sxp.Day

	// MaxReason is the longest reason of a notice.
	MaxReason = 1024

	// MaxJurorCard is the longest enrolment of a juror.
	MaxJurorCard = 16 << 10

	// MaxPage is how many entries one answer has.
	MaxPage = 1000

	// MaxPageBytes bounds the entries of one answer, so that the answer stays
	// below [sxp.MaxMessage] with its headers. An answer holds at least one.
	MaxPageBytes = 768 << 10

	// MaxBatch is how many announcements one request publishes.
	MaxBatch = 256
)

// Limits of a Decimal: 18 digits before the point hold every supply of money,
// 18 after it the smallest unit of any currency in use.
const (
	MaxIntegerDigits  = 18
	MaxFractionDigits = 18
)
