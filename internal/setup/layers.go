package setup

import (
	"strings"
	"sync"

	"github.com/helpdeskgo/helpdesk/ticket"
)

// place is where settings hold. What has no layer of its own is left empty, so that made-up names take no room.
type place struct{ brand, department, gateway string }

// resolved are the settings of the places that were asked for: a draft alone asks five times.
type resolved struct {
	mu     sync.RWMutex
	layers map[place]bool // each with one name
	of     map[place]ticket.Settings
	desk   *ticket.Settings // of a desk whose places have none of their own, as is usual
}

// Settings resolves the layers: desk < brand < department < gateway. Each combination of layers that exist is resolved
// once.
func (s *Setup) Settings(brand, department, gateway string) ticket.Settings {
	r := &s.resolved
	r.mu.RLock()
	if r.desk != nil {
		defer r.mu.RUnlock()
		return *r.desk
	}
	p := r.place(brand, department, gateway)
	known, ok := r.of[p]
	r.mu.RUnlock()
	if ok {
		return known
	}
	return s.resolve(brand, department, gateway)
}

func (r *resolved) place(brand, department, gateway string) (p place) {
	if r.layers[place{brand: brand}] {
		p.brand = brand
	}
	if r.layers[place{department: department}] {
		p.department = department
	}
	if r.layers[place{gateway: gateway}] {
		p.gateway = gateway
	}
	return p
}

// resolve works out the settings of a place, and keeps them.
func (s *Setup) resolve(brand, department, gateway string) ticket.Settings {
	r := &s.resolved
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of == nil {
		r.of, r.layers = map[place]ticket.Settings{}, places(s.Layers)
	}
	out := ticket.DefaultSettings()
	for _, l := range LayersOf(brand, department, gateway) {
		out = out.Apply(s.Layers[l])
	}
	r.of[r.place(brand, department, gateway)] = out
	if len(r.layers) == 0 {
		r.desk = &out
	}
	return out
}

// places are the layers as places, each with one name.
func places(layers map[ticket.Layer]ticket.SettingsPatch) map[place]bool {
	out := map[place]bool{}
	for l := range layers {
		kind, code, _ := strings.Cut(string(l), "/")
		switch kind {
		case "brand":
			out[place{brand: code}] = true
		case "department":
			out[place{department: code}] = true
		case "gateway":
			out[place{gateway: code}] = true
		}
	}
	return out
}

// LayersOf lists the layers from the most general to the most particular.
func LayersOf(brand, department, gateway string) [4]ticket.Layer {
	return [4]ticket.Layer{ticket.DeskLayer, ticket.BrandLayer(brand), ticket.DepartmentLayer(department), ticket.GatewayLayer(gateway)}
}
