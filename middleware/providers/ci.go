package providers

import (
	"context"
	"regexp"
	"strings"

	"github.com/bearerguard/bearerguard/middleware"
)

var (
	repository = regexp.MustCompile(`^([0-9]+|[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)$`)
	project    = regexp.MustCompile(`^([0-9]+|[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+)$`)
)

// GitHubActions accepts the tokens that workflows of GitHub Actions ask for. audience is what
// the workflow asks for, such as the URL of the API. Every workflow of everybody can ask for it.
// So Validate checks that the workflow runs in one of repositories. Each is OWNER/NAME, as
// GitHub spells it, or the repository's id. An id stays when somebody else gets the name. There
// are no wildcards.
//
// For GitHub Enterprise Server, set Issuer to https://HOST/_services/token.
func GitHubActions(audience string, repositories ...string) middleware.JWTConfig {
	a := arguments{of: "GitHubActions"}
	repositories = a.list("repositories", repositories, repository, "OWNER/NAME or an id; there are no wildcards",
		"everybody can get a token for your audience")
	return a.check(middleware.JWTConfig{
		Issuer:   "https://token.actions.githubusercontent.com",
		Audience: []string{a.given("audience", audience)},
		Validate: oneOf(repositories, "repository", "repository_id"),
	})
}

// GitLabCI accepts the ID tokens of jobs of GitLab CI/CD. baseURL is the address of the GitLab
// server, such as https://gitlab.com. audience is the aud that the job asks for. Every project
// of the server can ask for it. So Validate checks that the job is of one of projects. Each is
// GROUP/NAME or the project's id. An id stays when somebody else gets the name. There are no
// wildcards.
func GitLabCI(baseURL, audience string, projects ...string) middleware.JWTConfig {
	a := arguments{of: "GitLabCI"}
	projects = a.list("projects", projects, project, "GROUP/NAME or an id; there are no wildcards",
		"every project of the server can get a token for your audience")
	return a.check(middleware.JWTConfig{
		Issuer:   a.base("baseURL", baseURL),
		Audience: []string{a.given("audience", audience)},
		Validate: oneOf(projects, "project_path", "project_id"),
	})
}

// oneOf returns a Validate that accepts tokens in which the claim path or the claim id has one of
// allowed. Only a path has a slash. So a name that looks like an id cannot pass as one.
func oneOf(allowed []string, path, id string) func(context.Context, middleware.Claims) error {
	return func(_ context.Context, c middleware.Claims) error {
		for _, name := range allowed {
			claim := id
			if strings.Contains(name, "/") {
				claim = path
			}
			if text(c, claim) == name {
				return nil
			}
		}
		return refuse("%s is %.200q, which is not listed", path, text(c, path))
	}
}
