package ginjwt

import (
	"net/http"
	"time"

	jwt "github.com/appleboy/gin-jwt/v3"
	"github.com/gin-gonic/gin"
	gojwt "github.com/golang-jwt/jwt/v5"
)

// User is what the login finds.
type User struct{ Name, Role string }

// Before is the API with gin-jwt.
func Before(secret []byte) (*gin.Engine, error) {
	auth, err := jwt.New(&jwt.GinJWTMiddleware{
		Realm:       "api",
		Key:         secret,
		Timeout:     time.Hour,
		MaxRefresh:  time.Hour,
		IdentityKey: "sub",
		PayloadFunc: func(data any) gojwt.MapClaims {
			user, _ := data.(*User)
			return gojwt.MapClaims{"sub": user.Name, "role": user.Role}
		},
		Authenticator: logIn,
		Authorizer: func(c *gin.Context, _ any) bool {
			return jwt.ExtractClaims(c)["role"] == "clerk"
		},
		TokenLookup: "header: Authorization, query: token, cookie: jwt",
	})
	if err != nil {
		return nil, err
	}
	engine := gin.New()
	engine.POST("/login", auth.LoginHandler)
	engine.POST("/refresh", auth.RefreshHandler)
	engine.POST("/logout", auth.LogoutHandler)
	api := engine.Group("/api", auth.MiddlewareFunc())
	api.GET("/orders", func(c *gin.Context) {
		name, _ := jwt.ExtractClaims(c)["sub"].(string)
		c.String(http.StatusOK, "Hello, "+name)
	})
	return engine, nil
}

func logIn(c *gin.Context) (any, error) {
	var login struct {
		Username string `json:"username" binding:"required"`
		Password string `json:"password" binding:"required"`
	}
	if err := c.ShouldBindJSON(&login); err != nil {
		return nil, jwt.ErrMissingLoginValues
	}
	// ... check the password
	return &User{Name: login.Username, Role: "clerk"}, nil
}
