package client

// mostReaders is the most workers that read one text.
const mostReaders = 4

// pair connects a worker that has its model with those that have theirs.
func (p *Pool) pair(i int) {
	for j := range p.workers {
		if j != i && i != filer && j != filer && p.workers[j].ready {
			p.browser.Pair(i, j)
		}
	}
}

// helpers are workers that may read along in what worker i is about to do: those that hold the model and have
// nothing to do, no more than there are cores for beside all that compute. A worker that has something to do by then says so itself.
func (p *Pool) helpers(i int) (idle []int) {
	free := min(mostReaders, p.browser.Cores()) - 1
	for j := range p.workers {
		switch {
		case j == i || !p.workers[j].ready:
		case p.busy(j):
			free--
		case j != filer:
			idle = append(idle, j)
		}
	}
	return idle[:min(len(idle), max(0, free))]
}

// busy reports whether a worker has a job of the page.
func (p *Pool) busy(i int) bool {
	for _, at := range p.jobs {
		if at.worker == i {
			return true
		}
	}
	return p.settling && i == p.at(trainer) || i == p.at(measurer) && (p.measure.running != 0 || len(p.judging) > 0)
}
