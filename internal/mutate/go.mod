module github.com/bearerguard/bearerguard/internal/mutate

go 1.25.0
