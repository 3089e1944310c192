package providers

import "github.com/bearerguard/bearerguard/middleware"

// Firebase accepts the ID tokens of Firebase Authentication, which are what its clients send to
// an API. projectID is the id of the Firebase project.
func Firebase(projectID string) middleware.JWTConfig {
	a := arguments{of: "Firebase"}
	return a.check(middleware.JWTConfig{
		Issuer:   "https://securetoken.google.com/" + a.segment("projectID", projectID),
		Audience: []string{projectID},
	})
}
