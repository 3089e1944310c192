module example.com/room

go 1.25.0
