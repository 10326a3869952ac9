package recall

// Keys are the callings that facts are about; each is used with a leading space.
// All are rare in the corpus: a word that prose follows up in many ways hides what a
// fact says of it.
var Keys = []string{
	"miller", "tailor", "baker", "hunter", "sailor", "soldier", "shepherd", "farmer",
	"smith", "dwarf", "witch", "goose", "lion", "crow", "frog", "beggar",
}

// Values are the names that facts give; each is used with a leading space. None
// is the name of anybody much in the corpus.
var Values = []string{
	"Robin", "Clara", "Anna", "Alice", "Emma", "Hugo", "Nora", "Sophie",
	"Bella", "Oscar", "Ruth", "Greta", "Helen", "Max", "Laura", "Edgar",
}

// facts and questions are completed by key and value: "… the miller Robin."
var facts = []string{
	" Near the wood lived the",
	" In those days everyone knew the",
	" At the gate stood the",
	" Far away there was the",
	" By the fire sat the",
	" On the road they had met the",
}

// linkBegin and linkMiddle stand before the two names that a link binds: " Beside Robin stood Clara."
const linkBegin, linkMiddle = " Beside", " stood"

var questions = []string{
	" Who was it that came? It was the",
	" And who do you think knocked? It was the",
	" Then who should come by but the",
	" Who can it be? asked the child. It is the",
}

// Filler is prose written for this project: sentences without names or keys
// that can stand in any order, to pad a text to a length.
var Filler = []string{
	" The rain fell softly on the roof all through the night.",
	" A narrow path led down from the hill to the river.",
	" The wind had gone to sleep among the trees.",
	" In the morning the grass was white with frost.",
	" There was bread on the table and a jug of milk beside it.",
	" The old clock on the wall had stopped long ago.",
	" Nobody had opened the window since the summer.",
	" The moon rose slowly and made the water shine like silver.",
	" They walked until their feet were sore and the light was gone.",
	" A little bell was ringing somewhere behind the garden.",
	" The door was made of oak, and the lock was made of iron.",
	" So they sat down to rest under a great tree.",
	" The snow lay deep, and every sound was far away.",
	" It was so still that one could hear the leaves falling.",
	" The bridge was old, but it was strong enough to carry them.",
	" He thought about it for a long time and said nothing.",
	" She put the basket down and looked up at the sky.",
	" The stars came out one after another over the sea.",
	" At last the sun came through the clouds and warmed the stones.",
	" They had little to eat, but they shared it gladly.",
	" A boat was tied to the bank, and it moved gently up and down.",
	" The market was full of people, and everything had its price.",
	" Up in the tower there was a small room with a round window.",
	" The fire burned low, and the shadows grew longer.",
	" In the cellar there were seven barrels, and all of them were empty.",
	" The road went on and on between the fields of corn.",
	" It had been a good year, and the barns were full.",
	" Over the mountains lay a country where no one had ever been.",
	" The children laughed and ran down to the shore.",
	" Every evening a light could be seen on the other side of the lake.",
	" There was a hole in the wall, just large enough for a hand.",
	" The stones were wet, and the moss was soft and green.",
	" They waited for an hour, and then they waited for another.",
	" The bread was hard and the water was cold, but it was enough.",
	" A great many years had passed since the well was dug.",
	" The smoke rose straight up into the quiet air.",
	" In the spring the river was too wide to cross.",
	" The candle went out, and they were left in the dark.",
	" Nothing more was said about it that day.",
	" They went on their way with lighter hearts than before.",
}
