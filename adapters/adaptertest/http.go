package adaptertest

import (
	"io"
	"net/http"
	"net/http/httptest"
)

// HTTP is the [Adapter] for what ends up as an http.Handler. serve returns the handler
// that serves s, or an error of [Setup.Unsupported].
func HTTP(serve func(s Setup) (http.Handler, error)) Adapter {
	return func(s Setup) (*Server, error) {
		handler, err := serve(s)
		if err != nil {
			return nil, err
		}
		server := httptest.NewUnstartedServer(handler)
		if s.TLS != nil {
			server.TLS = s.TLS
			server.StartTLS()
		} else {
			server.Start()
		}
		send := func(call Call) (Answer, error) {
			req, err := http.NewRequest(call.Method, server.URL+"/things", nil)
			if err != nil {
				return Answer{}, err
			}
			for name, values := range call.Header {
				req.Header[name] = values
			}
			req.Host = call.Header.Get("Host") // "": of the URL
			resp, err := server.Client().Do(req)
			if err != nil {
				return Answer{}, err
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			return Answer{Status: resp.StatusCode, Header: resp.Header, Body: string(body)}, err
		}
		return &Server{Send: send, Close: server.Close}, nil
	}
}
