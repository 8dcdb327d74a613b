"""What goes on in the app's server besides its pages; the runner that it keeps alive."""
