"""How far the annotators agree: figures with intervals, as a record, a page and pictures; models of the voters."""
