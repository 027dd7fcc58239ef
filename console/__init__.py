"""The staff desk (工作台): server-rendered pages for the people who answer, book and count."""
