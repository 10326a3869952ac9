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
