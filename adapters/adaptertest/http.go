package adaptertest

import (
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
)

// HTTP is the [Adapter] for what ends up as an http.Handler. serve returns the handler
// that serves s, or an error of [Setup.Unsupported].
//
// HTTP does more than to listen. In front of all there is a recovery that calls
// s.Recover. Besides, it finds a handler that has returned while its stream still ran:
// then it sends nothing of the stream any more, and Send fails. Over TLS it speaks
// HTTP/2.
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
		server.Config.ErrorLog = log.New(io.Discard, "", 0) // of panics that are meant to be
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
	req.Host = call.Header.Get("Host") // "": of the URL
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
