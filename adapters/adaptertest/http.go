package adaptertest

import (
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
)

// HTTP returns an [Adapter] for adapters whose result is an http.Handler. serve returns the
// handler that serves s.
//
// HTTP listens on loopback; over TLS it speaks HTTP/2. In front of the handler it puts a
// recovery that calls s.Recover. It also detects that a handler has returned while its stream
// was still running. It then sends no more messages of the stream, and Send fails.
func HTTP(serve func(s Setup) (http.Handler, error)) Adapter {
	return func(s Setup) (*Server, error) {
		var watch tracker
		if s.Stream != nil {
			s.Stream = watch.stream(s.Stream)
		}
		handler, err := serve(s)
		if err != nil {
			return nil, err
		}
		server := httptest.NewUnstartedServer(watch.handler(recovering(handler, s.Recover)))
		server.Config.ErrorLog = log.New(io.Discard, "", 0) // the panics of the cases are intended
		if s.TLS != nil {
			server.TLS = s.TLS
			server.EnableHTTP2 = true
			server.StartTLS()
		} else {
			server.Start()
		}
		client := server.Client()
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		send := func(call Call) (Answer, error) {
			answer, err := roundTrip(client, server.URL, call)
			return answer, errors.Join(err, watch.fault())
		}
		return &Server{Send: send, Close: server.Close}, nil
	}
}

func roundTrip(client *http.Client, url string, call Call) (Answer, error) {
	req, err := http.NewRequest(call.Method, url+call.Path, nil)
	if err != nil {
		return Answer{}, err
	}
	for name, values := range call.Header {
		req.Header[name] = values
	}
	req.Host = call.Header.Get("Host") // if "", the host of the URL
	resp, err := client.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: string(body)}, err
}

func recovering(next http.Handler, recovered func(any)) http.Handler {
	if recovered == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				recovered(p)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
