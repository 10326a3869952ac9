package assets

// Book is the excerpt that losses and maps are measured on unless the reader says otherwise:
// public domain, and read by no model here in training, tuning or choosing.
var Book = struct {
	// Title, Author and Year are the book's; Source is where the text is from.
	Title, Author string
	Year          int
	Source        string
	// Address is where the server has it.
	Address string
}{
	Title: "The Railway Children", Author: "E. Nesbit", Year: 1906, Source: "Project Gutenberg, public domain",
	Address: "/web/books/railway-children.txt",
}

// Lesson is the text that training in the page learns from unless the reader brings one: public
// domain, a part of what the models that ship have read.
var Lesson = struct{ Title, Author, Source, Address string }{
	Title: "Household Tales", Author: "the Brothers Grimm, translated by Margaret Hunt", Source: "Project Gutenberg, public domain",
	Address: "/web/books/household-tales.txt",
}
